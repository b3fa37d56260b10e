// Undo over all panes: first on the slide one works on, else wherever something was changed last.

import type { SlideMarks } from "./slide-marks";

export class Undo {
  /** @param active the slide of the active pane, null before the first; @param shown those of all panes. */
  constructor(
    private readonly active: () => SlideMarks | null,
    private readonly shown: () => Iterable<SlideMarks>,
  ) {}

  get canUndo(): boolean {
    return this.#where("doneAt") !== null;
  }

  get canRedo(): boolean {
    return this.#where("undoneAt") !== null;
  }

  undo(): void {
    this.#where("doneAt")?.undo();
  }

  redo(): void {
    this.#where("undoneAt")?.redo();
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
