// The places of a mark that can be taken hold of, and what it becomes when one, or all of it, is moved.

import type { Point } from "../view/point";
import { boxOf, corners } from "./geometry";
import { inOrder, type Mark } from "./mark";

/** None for what is drawn by hand: too many to be of use. */
export function handles(mark: Mark): Point[] {
  if (mark.kind === "freehand") return [];
  if (mark.kind === "rectangle" || mark.kind === "ellipse") return corners(boxOf(mark.points));
  return [...mark.points];
}

/** With the handle of that index at `to`. */
export function withHandle(mark: Mark, index: number, to: Point, now: number): Mark {
  if (mark.kind === "rectangle" || mark.kind === "ellipse") {
    const opposite = corners(boxOf(mark.points))[(index + 2) % 4];
    return opposite === undefined ? mark : { ...mark, points: inOrder(mark.kind, [opposite, to]), changed: now };
  }
  return { ...mark, points: mark.points.map((point, i) => (i === index ? to : point)), changed: now };
}

export function movedBy(mark: Mark, by: Point, now: number): Mark {
  const move = (point: Point): Point => ({ x: point.x + by.x, y: point.y + by.y });
  const moved = { ...mark, points: mark.points.map(move), changed: now };
  return mark.holes === undefined ? moved : { ...moved, holes: mark.holes.map((hole) => hole.map(move)) };
}
