// A small sheet that a button opens beside itself: one at a time, gone with Escape and with a press elsewhere.

import { element } from "./dom";

export interface PopupOptions {
  /** "menu" for a list of commands, "dialog" for controls. */
  readonly role: "menu" | "dialog";
  readonly label: string;
  /** What is in it, made each time it is opened. */
  render(): readonly Node[];
}

export class Popup {
  /** Around the button and the sheet. */
  readonly element: HTMLElement;
  readonly #sheet: HTMLElement;

  constructor(
    readonly button: HTMLButtonElement,
    private readonly options: PopupOptions,
  ) {
    this.#sheet = element("div", { class: "popup", role: options.role, "aria-label": options.label, hidden: true });
    this.element = element("div", { class: "popup-anchor" }, button, this.#sheet);
    button.setAttribute("aria-haspopup", options.role);
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    this.element.addEventListener("keydown", (event) => {
      if (!this.isOpen) return;
      if (event.key === "Escape") {
        event.preventDefault();
        this.close();
        button.focus();
      } else if (options.role === "menu") this.#move(event);
    });
    this.element.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && !this.element.contains(relatedTarget)) this.close();
    });
    // Capturing: OpenSeadragon may keep a press from those above it.
    document.addEventListener(
      "pointerdown",
      ({ target }) => {
        if (this.isOpen && target instanceof Node && !this.element.contains(target)) this.close();
      },
      { capture: true },
    );
  }

  get isOpen(): boolean {
    return !this.#sheet.hidden;
  }

  open(): void {
    this.#sheet.replaceChildren(...this.options.render());
    this.#sheet.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    const first = (selector: string) => this.#sheet.querySelector<HTMLElement>(selector);
    (first("[aria-checked=true]") ?? first("input, button:not(:disabled)"))?.focus();
  }

  close(): void {
    this.#sheet.hidden = true;
    this.#sheet.replaceChildren();
    this.button.setAttribute("aria-expanded", "false");
  }

  #move(event: KeyboardEvent): void {
    const items = [...this.#sheet.querySelectorAll("button")].filter((item) => !item.disabled);
    const at = items.indexOf(document.activeElement as HTMLButtonElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step === undefined || at < 0) return;
    event.preventDefault();
    items[(at + step + items.length) % items.length]?.focus();
  }
}
