// Whether the page is used by keyboard just now, or by pointer.

import { Signal } from "../../ui/signal";

export class Modality {
  #isKeyboard = false;
  readonly changed = new Signal();

  constructor() {
    const keys = (event: KeyboardEvent): void => {
      // Enter ends what the mouse has begun
      if (event.key !== "Enter" && event.key !== "Backspace") this.#become(true);
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
