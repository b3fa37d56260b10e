// A slide's picture in the list: asked for once it has been on screen for a moment, and again where it comes late.

import { element } from "../ui/dom";

const TRIES = 5;
const FIRST_WAIT = 1_500;
/** What is scrolled past in less is not asked for. */
const MOMENT = 90;

export function thumbnail(url: string | null): HTMLElement {
  if (url === null) return element("span", { class: "thumbnail" });
  const image = element("img", { class: "thumbnail late", alt: "", decoding: "async" });
  let tries = 0;
  const show = (): void => {
    if (image.isConnected) image.src = url;
  };
  image.addEventListener("load", () => image.classList.remove("late"));
  image.addEventListener("error", () => {
    tries += 1;
    if (tries >= TRIES) return;
    setTimeout(
      () => {
        image.removeAttribute("src");
        show();
      },
      FIRST_WAIT * 2 ** (tries - 1),
    );
  });
  setTimeout(show, MOMENT);
  return image;
}

/** What has left the screen is no longer waited for. */
export function stopLoading(within: HTMLElement): void {
  for (const image of within.querySelectorAll("img")) if (!image.complete) image.removeAttribute("src");
}
