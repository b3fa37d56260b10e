// What was done to marks, to be undone and done again.

import type { Mark } from "./mark";

/** A mark as it was and as it became; null where there was or is none. */
export interface Step {
  readonly before: Mark | null;
  readonly after: Mark | null;
}

/** What one action did. */
export type Change = readonly Step[];

/** A change, and when it was made, or undone: ms since 1970. */
interface Entry {
  readonly change: Change;
  readonly at: number;
}

/** More than anyone goes back, and not all memory. */
const LONGEST = 200;

function reversed(change: Change): Change {
  return change.map(({ before, after }) => ({ before: after, after: before })).reverse();
}

export class History {
  #done: Entry[] = [];
  #undone: Entry[] = [];

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  /** When what `undo` takes back was done; null where there is nothing. */
  get doneAt(): number | null {
    return this.#done.at(-1)?.at ?? null;
  }

  /** When what `redo` does again was undone. */
  get undoneAt(): number | null {
    return this.#undone.at(-1)?.at ?? null;
  }

  did(change: Change, at: number): void {
    this.#done = [...this.#done.slice(1 - LONGEST), { change, at }];
    this.#undone = [];
  }

  /** What was done to these marks is no longer for this history: someone else has changed them since. */
  forget(ids: ReadonlySet<string>): void {
    this.#done = without(this.#done, ids);
    this.#undone = without(this.#undone, ids);
  }

  /** What is to be done now so that the last change is as if it had not been; null where there was none. */
  undo(at: number): Change | null {
    const entry = this.#done.pop();
    if (entry === undefined) return null;
    this.#undone.push({ change: entry.change, at });
    return reversed(entry.change);
  }

  redo(at: number): Change | null {
    const entry = this.#undone.pop();
    if (entry === undefined) return null;
    this.#done.push({ change: entry.change, at });
    return entry.change;
  }
}

/** The other steps of an entry stay: an import of a thousand can still be undone when one of them was moved. */
function without(entries: readonly Entry[], ids: ReadonlySet<string>): Entry[] {
  return entries.flatMap((entry) => {
    const change = entry.change.filter(({ before, after }) => !ids.has((after ?? before)?.id ?? ""));
    if (change.length === entry.change.length) return [entry];
    return change.length === 0 ? [] : [{ ...entry, change }];
  });
}
