// A slide's picture in the list: asked for once it has been on screen for a moment, and again where it comes late.

import { marked } from "../api/mark";
import { element } from "../ui/dom";
import { Turns } from "./turns";

const TRIES = 5;
const FIRST_WAIT = 1_500;
/** What is scrolled past in less is not asked for. */
const MOMENT = 90;

/** A browser has six connections to a server: where pictures are slow, two are left for the list itself. */
const turns = new Turns(4);
const stops = new WeakMap<Element, () => void>();

export function thumbnail(url: string | null): HTMLElement {
  if (url === null) return element("span", { class: "thumbnail" });
  const image = element("img", { class: "thumbnail late", alt: "", decoding: "async" });
  let tries = 0;
  let leave = (): void => {};
  const show = (): void => {
    if (!image.isConnected) return;
    leave = turns.take(() => {
      image.src = marked(url);
    });
  };
  stops.set(image, () => {
    leave();
    if (!image.complete) image.removeAttribute("src");
  });
  image.addEventListener("load", () => {
    leave();
    image.classList.remove("late");
  });
  image.addEventListener("error", () => {
    leave();
    tries += 1;
    if (tries < TRIES) setTimeout(show, FIRST_WAIT * 2 ** (tries - 1));
  });
  setTimeout(show, MOMENT);
  return image;
}

/** What has left the screen is no longer waited for. */
export function stopLoading(within: HTMLElement): void {
  for (const image of within.querySelectorAll("img")) stops.get(image)?.();
}
