// A mark that is being drawn.

import type { Point } from "../../view/point";
import { type Kind, leastPoints, POINTS } from "../model/mark";

export interface Draft {
  readonly kind: Kind;
  /** Those that are set. */
  readonly points: readonly Point[];
  /** Where the next one would be. */
  readonly next: Point | null;
}

export function draftOf(kind: Kind): Draft {
  return { kind, points: [], next: null };
}

export function withPoint(draft: Draft, place: Point): Draft {
  return { ...draft, points: [...draft.points, place], next: null };
}

export function withNext(draft: Draft, place: Point): Draft {
  return { ...draft, next: place };
}

export function withoutLast(draft: Draft): Draft {
  return { ...draft, points: draft.points.slice(0, -1) };
}

/** It has all the points that its kind takes. */
export function isFull(draft: Draft): boolean {
  const most = POINTS[draft.kind];
  return most !== null && draft.points.length >= most;
}

/** It may end here. */
export function canEnd(draft: Draft): boolean {
  return draft.points.length >= leastPoints(draft.kind);
}

/** What is shown of it: its points and the next. */
export function shownPoints(draft: Draft): readonly Point[] {
  const { points, next, kind } = draft;
  if (next === null || kind === "freehand" || isFull(draft)) return points;
  return [...points, next];
}
