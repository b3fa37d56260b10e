// The hand that draws: from presses, moves and releases to a mark. Places are pixels of level 0.

import { Signal } from "../../ui/signal";
import type { Point } from "../../view/point";
import { simplify } from "../geometry/simplify";
import type { Kind } from "../model/mark";
import { canEnd, type Draft, draftOf, isFull, withNext, withoutLast, withPoint } from "./draft";

export interface Finished {
  readonly kind: Kind;
  readonly points: readonly Point[];
}

/** Lines drawn by hand move by no more than this many CSS pixels when points are left out. */
const TOLERANCE = 0.7;

export class Pen {
  #draft: Draft | null = null;
  /** The draft as it was before the press that goes on. */
  #before: Draft | null = null;
  /** The last point was set at the cross. */
  #isByKeys = false;
  /** The press began the draft: a drag draws its first line. */
  #isFirst = false;
  readonly changed = new Signal();
  readonly finished = new Signal<Finished>();

  /** @param pixels how many CSS pixels two places are apart now; @param downsample pixels of level 0 a CSS pixel. */
  constructor(
    private readonly pixels: (a: Point, b: Point) => number,
    private readonly downsample: () => number,
  ) {}

  get draft(): Draft | null {
    return this.#draft;
  }

  /** What the mouse has drawn so far is enough: Enter then ends it, whatever keys have been pressed since. */
  get isEndedByEnter(): boolean {
    return this.#draft !== null && canEnd(this.#draft) && !this.#isByKeys;
  }

  get isDrawing(): boolean {
    return this.#draft !== null && this.#draft.points.length > 0;
  }

  /** The point that the next one, or the one under the pressed pointer, goes on from. */
  get anchor(): Point | null {
    const points = this.#draft?.points ?? [];
    const isLastMoving = this.#before !== null && !this.#isFirst;
    return points.at(isLastMoving ? -2 : -1) ?? null;
  }

  /** Draw that kind next; null: none. What was not finished is gone. */
  use(kind: Kind | null): void {
    this.#become(kind === null ? null : draftOf(kind));
    this.#before = null;
  }

  cancel(): void {
    this.use(this.#draft?.kind ?? null);
  }

  press(place: Point): void {
    const draft = this.#draft;
    if (draft === null) return;
    this.#before = draft;
    const last = draft.points.at(-1);
    if (last !== undefined && canEnd(draft) && this.#endsAt(place)) {
      this.end();
      return;
    }
    if (last !== undefined && this.#isSame(last, place)) return; // the second half of a double click
    this.#isFirst = draft.points.length === 0;
    this.#isByKeys = false;
    this.#become(withPoint(draft, place));
  }

  /** Moved while pressed. */
  drag(...places: Point[]): void {
    let draft = this.#draft;
    if (draft === null || this.#before === null || draft.points.length === 0) return;
    for (const place of places) {
      if (draft.kind === "freehand") draft = withPoint(draft, place);
      else if (this.#isFirst && !isFull(draft)) draft = withNext(draft, place);
      else draft = withPoint(withoutLast(draft), place);
    }
    this.#become(draft);
  }

  release(place: Point): void {
    const draft = this.#draft;
    const isPressed = this.#before !== null;
    this.#before = null;
    if (draft === null || !isPressed || draft.points.length === 0) return;
    if (draft.kind === "freehand") {
      this.#endFreehand(draft);
      return;
    }
    const first = draft.points[0];
    const wasDragged = this.#isFirst && !isFull(draft) && first !== undefined && this.pixels(first, place) > 5;
    this.#become(wasDragged ? withPoint(draft, place) : draft);
    if (this.#draft !== null && isFull(this.#draft)) this.end();
  }

  /** The press was none after all: a second finger came. */
  forget(): void {
    if (this.#before !== null) this.#become({ ...this.#before, next: null });
    this.#before = null;
  }

  /** Moved while not pressed. */
  hover(place: Point): void {
    if (this.#draft !== null && this.isDrawing && this.#before === null) this.#become(withNext(this.#draft, place));
  }

  /** A point by the keyboard. The same place twice ends what may end. */
  set(place: Point): void {
    const draft = this.#draft;
    if (draft === null) return;
    if (canEnd(draft) && this.#endsAt(place)) {
      this.end();
      return;
    }
    const last = draft.points.at(-1);
    if (last !== undefined && this.#isSame(last, place)) return;
    this.#isByKeys = true;
    this.#become(withPoint(draft, place));
    if (this.#draft !== null && isFull(this.#draft)) this.end();
  }

  /** Takes the last point back; not while the pointer is pressed, which is still setting it. */
  back(): void {
    if (this.#draft !== null && this.isDrawing && this.#before === null) this.#become(withoutLast(this.#draft));
  }

  /** Finishes, where there are points enough. */
  end(): void {
    const draft = this.#draft;
    if (draft === null || !canEnd(draft)) return;
    this.use(draft.kind);
    this.finished.emit({ kind: draft.kind, points: draft.points });
  }

  #endFreehand(draft: Draft): void {
    const points = simplify(draft.points, TOLERANCE * this.downsample());
    const [first] = points;
    const last = points.at(-1);
    const isRound = points.length > 3 && first !== undefined && last !== undefined && this.pixels(first, last) < 16;
    this.use(draft.kind);
    if (points.length < 2) return;
    this.finished.emit({
      kind: draft.kind,
      points: isRound && first !== undefined ? [...points.slice(0, -1), first] : points,
    });
  }

  /** Whether a point here is no new one but says that the ring, or the line, is done. */
  #endsAt(place: Point): boolean {
    const points = this.#draft?.points ?? [];
    const [first] = points;
    const last = points.at(-1);
    if (first === undefined || last === undefined) return false;
    return this.#isSame(last, place) || (points.length > 2 && this.pixels(first, place) < 10);
  }

  #isSame(a: Point, b: Point): boolean {
    return this.pixels(a, b) < 4;
  }

  #become(draft: Draft | null): void {
    this.#draft = draft;
    this.changed.emit();
  }
}
