// What of a mark is drawn: lines, open or closed, in pixels of level 0.

import type { Point } from "../../view/point";
import { type Box, boxOf, corners, ellipsePoints } from "../geometry/geometry";
import { isRing, type Mark } from "../model/mark";

export interface Shape {
  readonly lines: readonly Line[];
  readonly box: Box;
}

export interface Line {
  readonly points: readonly Point[];
  readonly isClosed: boolean;
}

/** Smooth on any screen. */
const ELLIPSE_POINTS = 128;

export function shapeOf(mark: Pick<Mark, "kind" | "points" | "holes">): Shape {
  const box = boxOf(mark.points);
  if (mark.kind === "rectangle") return { box, lines: [{ points: corners(box), isClosed: true }] };
  if (mark.kind === "ellipse") return { box, lines: [{ points: ellipsePoints(box, ELLIPSE_POINTS), isClosed: true }] };
  const holes = (mark.holes ?? []).map((points) => ({ points, isClosed: true }));
  return { box, lines: [{ points: mark.points, isClosed: isRing(mark) }, ...holes] };
}
