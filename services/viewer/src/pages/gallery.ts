// The gallery is whole without this: it only tries again for thumbnails that come late, and for an empty list.

import { renewAfter, Session } from "../api/session";

const TRIES = 4;
const FIRST_WAIT = 1_500;
const RELOAD_WAIT = 3_000;

function retryThumbnail(image: HTMLImageElement): void {
  let tries = 0;
  const failed = (): void => {
    tries += 1;
    image.classList.add("late");
    if (tries >= TRIES) return;
    const address = image.src;
    setTimeout(
      () => {
        image.removeAttribute("src");
        image.src = address;
      },
      FIRST_WAIT * 2 ** (tries - 1),
    );
  };
  image.addEventListener("error", failed);
  image.addEventListener("load", () => image.classList.remove("late"));
  if (image.complete && image.currentSrc !== "" && image.naturalWidth === 0) failed();
}

for (const image of document.querySelectorAll<HTMLImageElement>("img.thumbnail")) retryThumbnail(image);

// Loaded anew, the page leads to signing in, or says what has ended.
new Session(() => location.reload()).keep(renewAfter());

if (document.querySelector("[data-waiting]") !== null) {
  setInterval(() => {
    if (document.visibilityState === "visible") location.reload();
  }, RELOAD_WAIT);
}
