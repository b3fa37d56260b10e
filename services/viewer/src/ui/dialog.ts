// A sheet over the whole page, with a heading and a way out.

import { element } from "./dom";
import { icon } from "./icon";
import { words } from "./words";

/** Opens it; Escape, the button and a press beside it close it, and it is gone then. */
export function openDialog(title: string, body: Node, kind: string): HTMLDialogElement {
  const close = element("button", { type: "button", "aria-label": words.close, title: words.close }, icon("close"));
  const dialog = element(
    "dialog",
    { class: `sheet ${kind}`, "aria-label": title },
    element("header", {}, element("h2", {}, title), close),
    element("div", { class: "sheet-body" }, body),
  );
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
