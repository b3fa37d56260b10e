// Fewer points for a line drawn by hand (Douglas and Peucker's way).

import type { Point } from "../../view/point";
import { distanceToSegment } from "./geometry";

/** Leaves out points; no place of the line moves by more than `tolerance`. First and last stay. */
export function simplify(points: readonly Point[], tolerance: number): Point[] {
  const kept = new Uint8Array(points.length).fill(0);
  kept[0] = 1;
  kept[points.length - 1] = 1;
  // a stack of its own: a line of 100,000 points must not exhaust the language's
  const open: [number, number][] = [[0, points.length - 1]];
  for (let span = open.pop(); span !== undefined; span = open.pop()) {
    const [first, last] = span;
    const farthest = farthestBetween(points, first, last);
    if (farthest === null || farthest.distance <= tolerance) continue;
    kept[farthest.index] = 1;
    open.push([first, farthest.index], [farthest.index, last]);
  }
  return points.filter((_, i) => kept[i] === 1);
}

function farthestBetween(
  points: readonly Point[],
  first: number,
  last: number,
): { index: number; distance: number } | null {
  const [a, b] = [points[first], points[last]];
  if (a === undefined || b === undefined) return null;
  let found: { index: number; distance: number } | null = null;
  for (let index = first + 1; index < last; index += 1) {
    const point = points[index];
    if (point === undefined) continue;
    const distance = distanceToSegment(point, a, b);
    if (found === null || distance > found.distance) found = { index, distance };
  }
  return found;
}
