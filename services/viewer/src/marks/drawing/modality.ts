// Whether the page is used by keyboard just now, or by pointer.

import { Signal } from "../../ui/signal";

/** Held with something else, or what ends and takes back what the mouse has begun. */
const SAY_NOTHING: ReadonlySet<string> = new Set(["Shift", "Control", "Alt", "Meta", "Enter", "Backspace"]);

export class Modality {
  #isKeyboard = false;
  readonly changed = new Signal();

  constructor() {
    const keys = (event: KeyboardEvent): void => {
      const isShortcut = event.ctrlKey || event.metaKey || event.altKey;
      if (!isShortcut && !SAY_NOTHING.has(event.key)) this.#become(true);
    };
    document.addEventListener("keydown", keys, { capture: true });
    for (const event of ["pointerdown", "pointermove"] as const) {
      document.addEventListener(event, () => this.#become(false), { capture: true, passive: true });
    }
  }

  get isKeyboard(): boolean {
    return this.#isKeyboard;
  }

  #become(isKeyboard: boolean): void {
    if (this.#isKeyboard === isKeyboard) return;
    this.#isKeyboard = isKeyboard;
    this.changed.emit();
  }
}
