// Lengths, areas and angles on a plane whose pixels need not be square.

import type { Point } from "../../view/point";

/** How large a pixel is, or 1 and 1. */
export interface Scale {
  readonly x: number;
  readonly y: number;
}

export const PIXELS: Scale = { x: 1, y: 1 };

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export function distance(a: Point, b: Point, scale: Scale = PIXELS): number {
  return Math.hypot((b.x - a.x) * scale.x, (b.y - a.y) * scale.y);
}

export function pathLength(points: readonly Point[], scale: Scale = PIXELS): number {
  let length = 0;
  let last = points[0];
  for (const point of points) {
    if (last !== undefined) length += distance(last, point, scale);
    last = point;
  }
  return length;
}

/** Of a ring, from its last point back to its first too. */
export function ringLength(points: readonly Point[], scale: Scale = PIXELS): number {
  const [first] = points;
  return first === undefined ? 0 : pathLength([...points, first], scale);
}

/** By the shoelace formula; above 0 where the ring turns from x to y. Pixels far from 0 lose no digits. */
export function signedArea(points: readonly Point[]): number {
  const [origin] = points;
  let last = points.at(-1);
  if (origin === undefined || last === undefined) return 0;
  let twice = 0;
  for (const point of points) {
    twice += (last.x - origin.x) * (point.y - origin.y) - (point.x - origin.x) * (last.y - origin.y);
    last = point;
  }
  return twice / 2;
}

export function ringArea(points: readonly Point[], scale: Scale = PIXELS): number {
  return Math.abs(signedArea(points)) * scale.x * scale.y;
}

/** The ellipse that fills a box. */
export function ellipseArea(box: Box, scale: Scale = PIXELS): number {
  return (Math.PI / 4) * (box.right - box.left) * scale.x * (box.bottom - box.top) * scale.y;
}

/** Its way round (Ramanujan's second formula: right to 1 part in 10⁴ even where it is flat). */
export function ellipseLength(box: Box, scale: Scale = PIXELS): number {
  const a = ((box.right - box.left) / 2) * scale.x;
  const b = ((box.bottom - box.top) / 2) * scale.y;
  if (a + b === 0) return 0;
  const h = ((a - b) / (a + b)) ** 2;
  return Math.PI * (a + b) * (1 + (3 * h) / (10 + Math.sqrt(4 - 3 * h)));
}

/** Degrees between two arms, 0 to 180; null where an arm has no length. */
export function angle(arm: Point, middle: Point, other: Point, scale: Scale = PIXELS): number | null {
  const a = { x: (arm.x - middle.x) * scale.x, y: (arm.y - middle.y) * scale.y };
  const b = { x: (other.x - middle.x) * scale.x, y: (other.y - middle.y) * scale.y };
  if ((a.x === 0 && a.y === 0) || (b.x === 0 && b.y === 0)) return null;
  const turn = Math.atan2(Math.abs(a.x * b.y - a.y * b.x), a.x * b.x + a.y * b.y);
  return (turn * 180) / Math.PI;
}

export function boxOf(points: readonly Point[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of points) {
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  return { left, top, right, bottom };
}

/** From the left top corner on, in the sense of x to y. */
export function corners(box: Box): Point[] {
  return [
    { x: box.left, y: box.top },
    { x: box.right, y: box.top },
    { x: box.right, y: box.bottom },
    { x: box.left, y: box.bottom },
  ];
}

/** Points on the ellipse that fills a box; its four outermost are among them where `count` is a multiple of 4. */
export function ellipsePoints(box: Box, count: number): Point[] {
  const middle = { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
  return Array.from({ length: count }, (_, i) => {
    const turn = (2 * Math.PI * i) / count;
    return {
      x: middle.x + ((box.right - box.left) / 2) * Math.cos(turn),
      y: middle.y + ((box.bottom - box.top) / 2) * Math.sin(turn),
    };
  });
}

export function touches(a: Box, b: Box): boolean {
  return a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom;
}

/** How far a place is from the nearest one between `a` and `b`. */
export function distanceToSegment(place: Point, a: Point, b: Point): number {
  const along = { x: b.x - a.x, y: b.y - a.y };
  const square = along.x ** 2 + along.y ** 2;
  const share = square === 0 ? 0 : ((place.x - a.x) * along.x + (place.y - a.y) * along.y) / square;
  const at = Math.max(0, Math.min(1, share));
  return Math.hypot(place.x - a.x - at * along.x, place.y - a.y - at * along.y);
}

export function distanceToPath(place: Point, points: readonly Point[]): number {
  let nearest = Infinity;
  let last = points[0];
  for (const point of points) {
    if (last !== undefined) nearest = Math.min(nearest, distanceToSegment(place, last, point));
    last = point;
  }
  return nearest;
}
