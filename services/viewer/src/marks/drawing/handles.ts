// The places of a mark that can be taken hold of, and what it becomes when one, or all of it, is moved.

import type { Point } from "../../view/point";
import { boxOf, corners } from "../geometry/geometry";
import { inOrder, isBox, type Mark } from "../model/mark";

/** None for what is drawn by hand: too many to be of use. */
export function handles(mark: Mark): Point[] {
  if (mark.kind === "freehand") return [];
  if (isBox(mark.kind)) return corners(boxOf(mark.points));
  return [...mark.points];
}

/** What stays where it is while that handle is moved: a box's other corner, a line's other end; null where that is not one place. */
export function opposite(mark: Mark, index: number): Point | null {
  if (isBox(mark.kind)) return corners(boxOf(mark.points))[(index + 2) % 4] ?? null;
  return mark.points.length === 2 ? (mark.points[1 - index] ?? null) : null;
}

/** With the handle of that index at `to`. */
export function withHandle(mark: Mark, index: number, to: Point, now: number): Mark {
  if (isBox(mark.kind)) {
    const other = opposite(mark, index);
    return other === null ? mark : { ...mark, points: inOrder(mark.kind, [other, to]), changed: now };
  }
  return { ...mark, points: mark.points.map((point, i) => (i === index ? to : point)), changed: now };
}

export function movedBy(mark: Mark, by: Point, now: number): Mark {
  const move = (point: Point): Point => ({ x: point.x + by.x, y: point.y + by.y });
  const moved = { ...mark, points: mark.points.map(move), changed: now };
  return mark.holes === undefined ? moved : { ...moved, holes: mark.holes.map((hole) => hole.map(move)) };
}
