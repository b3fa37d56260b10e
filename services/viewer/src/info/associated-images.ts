// Label, macro and the scanner's own thumbnail, as far as they may be seen. Each look at a label may be written down by the
// server: they are asked for when the panel is open, not before.

import type { Access } from "../api/access";
import { type SlideMetadata, withParams } from "../api/metadata";
import { openDialog } from "../ui/dialog";
import { element } from "../ui/dom";
import { words } from "./words";

/** Longest sides in pixels: in the panel, and opened. */
const SMALL = 256;
const LARGE = 2048;

export function associatedImages(slide: SlideMetadata, access: Access): HTMLElement | null {
  if (slide.associated_images.length === 0) return null;
  const url = (name: string, size: number): string => {
    const path = `/slides/${encodeURIComponent(slide.id)}/associated-images/${encodeURIComponent(name)}`;
    return access.url(withParams(path, { max_size: String(size) }));
  };
  const figures = slide.associated_images.map((name) => {
    const title = words.image(name);
    const open = element(
      "button",
      { type: "button", title: words.imageLarger(title), "aria-label": words.imageLarger(title) },
      image(url(name, SMALL), "", (broken) => {
        open.disabled = true;
        open.replaceChildren(broken);
      }),
    );
    open.addEventListener("click", () => {
      const body = element("div", { class: "large-image" });
      body.append(image(url(name, LARGE), title, (broken) => body.replaceChildren(broken)));
      openDialog(title, body, "image-sheet");
    });
    return element("figure", {}, open, element("figcaption", {}, title));
  });
  return element("section", {}, element("h3", {}, words.images), element("div", { class: "images" }, ...figures));
}

function image(src: string, alt: string, failed: (message: HTMLElement) => void): HTMLImageElement {
  const made = element("img", { src, alt });
  made.addEventListener("error", () => failed(element("span", { class: "quiet" }, words.imageFailed)));
  return made;
}
