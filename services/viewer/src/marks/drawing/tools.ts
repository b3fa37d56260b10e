// What one draws with: a kind, or none, and a colour; the same in all panes.

import { Signal } from "../../ui/signal";
import { COLOURS, type Kind } from "../model/mark";

export class Tools {
  #kind: Kind | null = null;
  #colour: string = COLOURS[0];
  readonly changed = new Signal();

  get kind(): Kind | null {
    return this.#kind;
  }

  get colour(): string {
    return this.#colour;
  }

  use(kind: Kind | null): void {
    this.#kind = kind;
    this.changed.emit();
  }

  paint(colour: string): void {
    this.#colour = colour;
    this.changed.emit();
  }
}
