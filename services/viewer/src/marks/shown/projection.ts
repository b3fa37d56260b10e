// From the slide to the screen and back, for one frame. A pane's way is affine, so three places tell all of it.

import type { Point } from "../../view/point";
import type { Box } from "../geometry/geometry";

/** x' = a x + c y + e and y' = b x + d y + f. */
export interface Projection {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

/** Of `toScreen`, by three corners of a slide so large: far apart, so that rounding does not show. */
export function projectionOf(toScreen: (place: Point) => Point, width: number, height: number): Projection {
  const origin = toScreen({ x: 0, y: 0 });
  const right = toScreen({ x: width, y: 0 });
  const below = toScreen({ x: 0, y: height });
  return {
    a: (right.x - origin.x) / width,
    b: (right.y - origin.y) / width,
    c: (below.x - origin.x) / height,
    d: (below.y - origin.y) / height,
    e: origin.x,
    f: origin.y,
  };
}

export function project({ a, b, c, d, e, f }: Projection, { x, y }: Point): Point {
  return { x: a * x + c * y + e, y: b * x + d * y + f };
}

export function inverse({ a, b, c, d, e, f }: Projection): Projection {
  const turn = a * d - b * c;
  return {
    a: d / turn,
    b: -b / turn,
    c: -c / turn,
    d: a / turn,
    e: (c * f - d * e) / turn,
    f: (b * e - a * f) / turn,
  };
}

/** The box around a box of the slide, on the screen. */
export function projectBox({ a, b, c, d, e, f }: Projection, { left, top, right, bottom }: Box): Box {
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const [halfX, halfY] = [(right - left) / 2, (bottom - top) / 2];
  const [toX, toY] = [a * x + c * y + e, b * x + d * y + f];
  const wide = Math.abs(a) * halfX + Math.abs(c) * halfY;
  const high = Math.abs(b) * halfX + Math.abs(d) * halfY;
  return { left: toX - wide, top: toY - high, right: toX + wide, bottom: toY + high };
}
