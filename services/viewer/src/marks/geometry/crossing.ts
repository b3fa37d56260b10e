// Whether outlines cross themselves or each other: then no formula gives their area.

import type { Point } from "../../view/point";

/** A side of a ring, from `a` (not with it) to `b`, and the point after. */
interface Side {
  readonly a: Point;
  readonly b: Point;
  readonly next: Point;
  readonly ring: number;
  /** Where it begins and ends along the direction of the sweep. */
  readonly from: number;
  readonly to: number;
}

/** The sweep goes along the direction in which the sides are shortest: then few are beside each other. */
const DIRECTIONS: readonly Point[] = [
  { x: 1, y: 0 },
  { x: 0, y: 1 },
  { x: 1, y: 1 },
  { x: 1, y: -1 },
];
/** A file may be made to take for ever; of an outline that takes more pairs no area is told either. */
const MOST_PAIRS = 5e7;

/**
 * Whether any of the rings crosses itself or another, or goes round twice. One that only touches (as outlines traced
 * from pixels do, or a hole joined by a cut there and back) does not. Some n log n, n the number of all points.
 */
export function areCrossing(rings: readonly (readonly Point[])[]): boolean {
  const outlines = rings.map(withoutRepeats);
  const direction = best(outlines);
  const sides = outlines.flatMap((points, ring) => sidesOf(points, ring, direction)).sort((a, b) => a.from - b.from);
  let active: Side[] = [];
  let pairs = 0;
  for (const side of sides) {
    const still: Side[] = [];
    for (const other of active) {
      if (other.to < side.from) continue;
      still.push(other);
      if (doCross(other, side)) return true;
    }
    pairs += active.length;
    if (pairs > MOST_PAIRS) return true;
    still.push(side);
    active = still;
  }
  return false;
}

/** Without points that are the one before, the last one's successor being the first. */
function withoutRepeats(points: readonly Point[]): Point[] {
  return points.filter((point, i) => {
    const before = points.at(i - 1);
    return before === undefined || before.x !== point.x || before.y !== point.y;
  });
}

function best(outlines: readonly (readonly Point[])[]): Point {
  let found = DIRECTIONS[0] as Point;
  let least = Infinity;
  for (const direction of DIRECTIONS) {
    let [sum, low, high] = [0, Infinity, -Infinity];
    for (const points of outlines) {
      let last = along(points.at(-1), direction);
      for (const point of points) {
        const now = along(point, direction);
        sum += Math.abs(now - last);
        low = Math.min(low, now);
        high = Math.max(high, now);
        last = now;
      }
    }
    const share = high > low ? sum / (high - low) : Infinity;
    if (share < least) [found, least] = [direction, share];
  }
  return found;
}

function along(point: Point | undefined, direction: Point): number {
  return point === undefined ? 0 : point.x * direction.x + point.y * direction.y;
}

function sidesOf(points: readonly Point[], ring: number, direction: Point): Side[] {
  return points.map((b, i) => {
    const a = points.at(i - 1) ?? b;
    const [one, other] = [along(a, direction), along(b, direction)];
    const next = points[(i + 1) % points.length] ?? b;
    return { a, b, next, ring, from: Math.min(one, other), to: Math.max(one, other) };
  });
}

function doCross(p: Side, q: Side): boolean {
  if (Math.max(p.a.x, p.b.x) < Math.min(q.a.x, q.b.x) || Math.max(q.a.x, q.b.x) < Math.min(p.a.x, p.b.x)) return false;
  if (Math.max(p.a.y, p.b.y) < Math.min(q.a.y, q.b.y) || Math.max(q.a.y, q.b.y) < Math.min(p.a.y, p.b.y)) return false;
  const [c, d] = [turn(p.a, p.b, q.a), turn(p.a, p.b, q.b)];
  const [a, b] = [turn(q.a, q.b, p.a), turn(q.a, q.b, p.b)];
  if (c * d < 0 && a * b < 0) return true;
  if (c === 0 && d === 0) return p.ring === q.ring && goTogether(p, q);
  // where one ends on the other, and not at the other's start: each passage through a place is looked at once
  if (d === 0 && isOn(q.b, p)) return doPass(q.b, p.a, isSame(q.b, p.b) ? p.next : p.b, q.a, q.next);
  if (b === 0 && isOn(p.b, q)) return doPass(p.b, q.a, q.b, p.a, p.next);
  return false;
}

/** Above 0 where `c` is to the one side of the line from `a` to `b`, below on the other. */
function turn(a: Point, b: Point, c: Point): number {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

function isSame(a: Point, b: Point): boolean {
  return a.x === b.x && a.y === b.y;
}

/** Of a place on its line. */
function isOn(place: Point, { a, b }: Side): boolean {
  if (isSame(place, a)) return false;
  const isBetween = (one: number, value: number, other: number): boolean => (value - one) * (value - other) <= 0;
  return isBetween(a.x, place.x, b.x) && isBetween(a.y, place.y, b.y);
}

/** Two sides on one line: whether they share a part of it and go the same way. */
function goTogether(p: Side, q: Side): boolean {
  const way = { x: p.b.x - p.a.x, y: p.b.y - p.a.y };
  const [from, to] = [along(q.a, way), along(q.b, way)];
  return to > from && Math.min(to, along(p.b, way)) > Math.max(from, along(p.a, way));
}

/** Two ways through one place: whether the second changes from the one side of the first to the other. */
function doPass(at: Point, from: Point, to: Point, otherFrom: Point, otherTo: Point): boolean {
  const sides = [otherFrom, otherTo].map((point) => sideOf(at, from, to, point));
  return sides[0] !== sides[1] && !sides.includes(0);
}

/** 1 or −1: which side of the way `from`, `at`, `to` a place near `at` is on; 0: on it. */
function sideOf(at: Point, from: Point, to: Point, point: Point): -1 | 0 | 1 {
  const [one, other, bend] = [turn(at, from, point), turn(at, point, to), turn(at, from, to)];
  if ((one === 0 && isAhead(at, from, point)) || (other === 0 && isAhead(at, to, point))) return 0;
  if (bend > 0) return one > 0 && other > 0 ? 1 : -1;
  if (bend < 0) return one < 0 && other < 0 ? -1 : 1;
  if (isAhead(at, from, to)) return 0; // there and back
  return one > 0 ? 1 : -1;
}

function isAhead(at: Point, a: Point, b: Point): boolean {
  return (a.x - at.x) * (b.x - at.x) + (a.y - at.y) * (b.y - at.y) > 0;
}
