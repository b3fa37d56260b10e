// Tells for some seconds that something is done; stays while it is pointed at or has the focus.

import { element } from "../ui/dom";

/** Milliseconds: enough to read two lines, and to find the button. */
const SHOWN = 10_000;

export interface Action {
  readonly label: string;
  run(): void;
}

export class Confirmation {
  readonly element = element("div", { class: "confirmation", role: "status", hidden: true });
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    for (const event of ["pointerleave", "focusout"] as const) this.element.addEventListener(event, () => this.#wait());
  }

  say(lines: readonly string[], action: Action | null = null): void {
    const button = action === null ? null : element("button", { type: "button" }, action.label);
    button?.addEventListener("click", () => {
      this.element.hidden = true;
      action?.run();
    });
    this.element.replaceChildren(
      element("div", {}, ...lines.map((line) => element("p", {}, line))),
      ...(button ? [button] : []),
    );
    this.element.hidden = false;
    this.#wait();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.element.matches(":hover, :focus-within")) return;
      this.element.hidden = true;
    }, SHOWN);
  }
}
