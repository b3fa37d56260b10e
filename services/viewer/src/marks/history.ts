// What was done to marks, to be undone and done again.

import type { Mark } from "./mark";

/** A mark as it was and as it became; null where there was or is none. */
export interface Step {
  readonly before: Mark | null;
  readonly after: Mark | null;
}

/** What one action did. */
export type Change = readonly Step[];

/** More than anyone goes back, and not all memory. */
const LONGEST = 200;

function reversed(change: Change): Change {
  return change.map(({ before, after }) => ({ before: after, after: before })).reverse();
}

export class History {
  #done: Change[] = [];
  #undone: Change[] = [];

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  did(change: Change): void {
    this.#done = [...this.#done.slice(1 - LONGEST), change];
    this.#undone = [];
  }

  /** What is to be done now so that the last change is as if it had not been; null where there was none. */
  undo(): Change | null {
    const change = this.#done.pop();
    if (change === undefined) return null;
    this.#undone.push(change);
    return reversed(change);
  }

  redo(): Change | null {
    const change = this.#undone.pop();
    if (change === undefined) return null;
    this.#done.push(change);
    return change;
  }
}
