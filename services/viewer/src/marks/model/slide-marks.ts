// The marks of a slide in one pane: which there are, which is selected, and what was done to them.

import { Signal } from "../../ui/signal";
import { type Change, History, type Step } from "./history";
import type { Mark } from "./mark";

export class SlideMarks {
  readonly #marks = new Map<string, Mark>();
  readonly #history = new History();
  #selected: string | null = null;
  /** Marks, selection, or what can be undone. */
  readonly changed = new Signal();
  /** Changes made here, to be kept. */
  readonly made = new Signal<Change>();

  constructor(private readonly now: () => number = Date.now) {}

  get all(): Mark[] {
    return [...this.#marks.values()];
  }

  get count(): number {
    return this.#marks.size;
  }

  get selected(): Mark | null {
    return this.#selected === null ? null : (this.#marks.get(this.#selected) ?? null);
  }

  get canUndo(): boolean {
    return this.#history.canUndo;
  }

  get canRedo(): boolean {
    return this.#history.canRedo;
  }

  /** When the change that would be undone was made; null where there is none. */
  get doneAt(): number | null {
    return this.#history.doneAt;
  }

  get undoneAt(): number | null {
    return this.#history.undoneAt;
  }

  find(id: string): Mark | null {
    return this.#marks.get(id) ?? null;
  }

  select(id: string | null): void {
    if (this.#selected === id) return;
    this.#selected = id;
    this.changed.emit();
  }

  /** Each is added, or takes the place of the one with its id. */
  put(marks: readonly Mark[]): void {
    this.#do(marks.map((mark) => ({ before: this.find(mark.id), after: mark })));
  }

  remove(ids: readonly string[]): void {
    const gone = ids.map((id) => this.find(id)).filter((mark) => mark !== null);
    this.#do(gone.map((mark) => ({ before: mark, after: null })));
  }

  undo(): void {
    this.#apply(this.#history.undo(this.now()));
  }

  redo(): void {
    this.#apply(this.#history.redo(this.now()));
  }

  /** As they are kept, or were changed elsewhere: not for this pane's user to undo, nor to be undone over. */
  learn(marks: readonly Mark[], gone: readonly string[] = []): void {
    this.#history.forget(new Set([...marks.map(({ id }) => id), ...gone]));
    for (const mark of marks) this.#marks.set(mark.id, mark);
    for (const id of gone) this.#marks.delete(id);
    this.changed.emit();
  }

  #do(change: Change): void {
    if (change.length === 0) return;
    this.#history.did(change, this.now());
    this.#apply(change);
  }

  #apply(change: Change | null): void {
    if (change === null) return;
    for (const step of change) this.#take(step);
    this.made.emit(change);
    this.changed.emit();
  }

  #take({ before, after }: Step): void {
    if (after !== null) this.#marks.set(after.id, after);
    else if (before !== null) this.#marks.delete(before.id);
  }
}
