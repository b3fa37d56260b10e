// What Shift makes of a place: a box as wide as it is high, or a line in one of eight directions.

import type { Point } from "../../view/point";
import type { Scale } from "../geometry/geometry";

const STEP = Math.PI / 4;

/** The corner that makes a square with `from`, as large as the longer side asks; by `scale`, since pixels need not be square. */
export function squared(from: Point, to: Point, scale: Scale): Point {
  const [x, y] = [(to.x - from.x) * scale.x, (to.y - from.y) * scale.y];
  const side = Math.max(Math.abs(x), Math.abs(y));
  return {
    x: from.x + ((x < 0 ? -1 : 1) * side) / scale.x,
    y: from.y + ((y < 0 ? -1 : 1) * side) / scale.y,
  };
}

/** The place nearest to `to` that lies from `from` in a multiple of 45°. */
export function straightened(from: Point, to: Point): Point {
  const [x, y] = [to.x - from.x, to.y - from.y];
  const direction = Math.round(Math.atan2(y, x) / STEP) * STEP;
  const along = x * Math.cos(direction) + y * Math.sin(direction);
  return { x: from.x + along * Math.cos(direction), y: from.y + along * Math.sin(direction) };
}
