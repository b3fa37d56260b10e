// Undo over all panes: first what is being drawn, then on the slide one works on, else wherever something was changed last.

import type { SlideMarks } from "./slide-marks";

/** What is drawn point by point. */
export interface Unfinished {
  readonly isDrawing: boolean;
  /** Takes the last point back. */
  back(): void;
}

export class Undo {
  /**
   * @param active the slide of the active pane, null before the first; @param shown those of all panes;
   * @param unfinished what is being drawn in the active pane.
   */
  constructor(
    private readonly active: () => SlideMarks | null,
    private readonly shown: () => Iterable<SlideMarks>,
    private readonly unfinished: () => Unfinished | null = () => null,
  ) {}

  get canUndo(): boolean {
    return this.#isDrawing || this.#where("doneAt") !== null;
  }

  get canRedo(): boolean {
    return !this.#isDrawing && this.#where("undoneAt") !== null;
  }

  undo(): void {
    if (this.#isDrawing) this.unfinished()?.back();
    else this.#where("doneAt")?.undo();
  }

  redo(): void {
    if (!this.#isDrawing) this.#where("undoneAt")?.redo();
  }

  get #isDrawing(): boolean {
    return this.unfinished()?.isDrawing === true;
  }

  #where(time: "doneAt" | "undoneAt"): SlideMarks | null {
    const active = this.active();
    if (active !== null && active[time] !== null) return active;
    let found: SlideMarks | null = null;
    for (const marks of this.shown()) {
      if (marks[time] !== null && (found === null || marks[time] > (found[time] ?? 0))) found = marks;
    }
    return found;
  }
}
