// The marks of all panes.

import { Signal } from "../../ui/signal";
import type { Pane } from "../../view/pane";
import type { Mark } from "../model/mark";
import { paintMarks } from "./painting";
import type { PaneMarks } from "./pane-marks";

export class Marks {
  readonly #panes = new Map<Pane, PaneMarks>();
  /** A pane has got its marks. */
  readonly added = new Signal<PaneMarks>();

  add(shown: PaneMarks): void {
    this.#panes.set(shown.pane, shown);
    this.added.emit(shown);
  }

  remove(pane: Pane): void {
    this.#panes.delete(pane);
  }

  shownIn(pane: Pane): PaneMarks | null {
    return this.#panes.get(pane) ?? null;
  }

  /** The marks of a pane's slide. */
  of(pane: Pane): readonly Mark[] {
    return this.shownIn(pane)?.marks.all ?? [];
  }

  /** Paints them as the pane shows them, in CSS pixels from its corner. */
  drawMarks(context: CanvasRenderingContext2D, pane: Pane, marks: Iterable<Mark> = this.of(pane)): void {
    const shown = this.shownIn(pane);
    if (shown !== null) paintMarks(context, shown, marks);
  }
}
