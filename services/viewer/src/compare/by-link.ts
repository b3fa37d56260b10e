// What is said instead of a list, where the page's right is to this slide alone.

import { element } from "../ui/dom";
import { words } from "./words";

/** @param again shows the same slide once more; null where no more fit. */
export function sayHowToCompare(again: (() => void) | null): void {
  const cancel = element("button", { type: "button" }, words.cancel);
  const more = element("button", { type: "button", class: "main" }, words.again);
  const text = element("p", {}, again === null ? words.full : words.byLink);
  const dialog = element(
    "dialog",
    { class: "said", "aria-label": words.compare },
    element("h2", {}, words.choose),
    text,
    element("footer", {}, cancel, again === null ? null : more),
  );
  cancel.addEventListener("click", () => dialog.close());
  more.addEventListener("click", () => {
    dialog.close();
    again?.();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
