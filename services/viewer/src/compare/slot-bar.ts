// The line above a pane, while there are several: what is shown in it, and a way to close it.

import { element } from "../ui/dom";
import { icon } from "../ui/icon";
import { words } from "./words";

export interface SlotBar {
  readonly element: HTMLElement;
  rename(name: string): void;
}

/** `close` null: it can't be closed. */
export function slotBar(name: string, close: (() => void) | null): SlotBar {
  const title = element("span", { class: "slot-name" });
  const button = element("button", { type: "button" }, icon("close"));
  button.hidden = close === null;
  button.addEventListener("click", () => close?.());
  const bar = element("div", { class: "slot-bar" }, title, button);
  const rename = (to: string): void => {
    title.textContent = to;
    title.title = to;
    button.title = words.close(to);
    button.setAttribute("aria-label", words.close(to));
  };
  rename(name);
  return { element: bar, rename };
}
