// Edges on device pixels.

import type { Point } from "./point";

/**
 * Device pixels. One edge of two neighbours comes by two sums that differ in their last digits; half-way between two pixels, where
 * edges often are (at 1:2, say), they would be rounded apart. A little beside the half, none are.
 */
const ASIDE = 1e-3;

/** A box with its edges on device pixels, of which there are `ratio` in one CSS pixel. */
export function snapped(position: Point, size: Point, ratio: number): { from: Point; size: Point } {
  const round = (value: number): number => Math.round(value * ratio - ASIDE) / ratio;
  const from = { x: round(position.x), y: round(position.y) };
  const to = { x: round(position.x + size.x), y: round(position.y + size.y) };
  return { from, size: { x: to.x - from.x, y: to.y - from.y } };
}
