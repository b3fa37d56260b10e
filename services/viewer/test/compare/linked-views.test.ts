import { describe, expect, it } from "vitest";

import { aligned, type Extent, follow, offsetBetween, pixelSizes, placeOf } from "../../src/compare/linked-views";
import type { Look } from "../../src/view/look";
import type { Point } from "../../src/view/point";

const A: Extent = { width: 40_000, height: 30_000, mpp: { x: 0.25, y: 0.25 } };
const B: Extent = { width: 10_000, height: 30_000, mpp: { x: 1, y: 0.5 } }; // pixels that are not square
const C: Extent = { width: 5_000, height: 4_000, mpp: null };

const look = (x: number, y: number, downsample: number, rotation = 0, flipped = false): Look => ({
  x,
  y,
  downsample,
  rotation,
  flipped,
});

/** Where a place is on the screen, from the middle of the pane, in CSS pixels: what the offset's own formulas are checked by. */
function onScreen(place: Point, at: Look, size: Point): Point {
  const scale = 1 / (at.downsample * size.x); // CSS pixels a unit; display pixels are square
  const [dx, dy] = [(place.x - at.x) * size.x * scale, (place.y - at.y) * size.y * scale];
  const turn = (at.rotation * Math.PI) / 180;
  const x = dx * Math.cos(turn) - dy * Math.sin(turn);
  return { x: at.flipped ? -x : x, y: dx * Math.sin(turn) + dy * Math.cos(turn) };
}

const [a, b] = pixelSizes([A, B]) as [Point, Point];

describe("sizes of pixels", () => {
  it("are µm where they are known; what is not known is as wide as the first that is", () => {
    expect(pixelSizes([C, A, B])).toEqual([{ x: 2, y: 2 }, A.mpp, B.mpp]);
  });

  it("are shares of the width where none is known", () => {
    expect(pixelSizes([C, { ...A, mpp: null }])).toEqual([
      { x: 1 / 5_000, y: 1 / 5_000 },
      { x: 1 / 40_000, y: 1 / 40_000 },
    ]);
  });
});

describe("a pane that follows", () => {
  it("moves by the same µm and keeps the magnification", () => {
    const offset = offsetBetween(look(100, 100, 8), a, look(5_000, 5_000, 2), b);
    const to = follow(look(500, -300, 16), a, offset, b, false);
    // 400 × 0.25 = 100 µm to the right, 100 µm up
    expect(to).toEqual(look(5_100, 4_800, 4));
  });

  it("does not move where the other does not, and comes back with it", () => {
    const [one, other] = [look(100, 100, 8, 10, true), look(5_000, 5_000, 3, 77)];
    const offset = offsetBetween(one, a, other, b);
    const still = follow(one, a, offset, b, other.flipped);
    for (const key of ["x", "y", "downsample", "rotation"] as const) expect(still[key]).toBeCloseTo(other[key], 9);
    const away = follow(look(900, 50, 1, 300, true), a, offset, b, false);
    const back = follow(away, b, offsetBetween(away, b, look(900, 50, 1, 300, true), a), a, true);
    expect(back.x).toBeCloseTo(900, 9);
  });

  const turns = [0, 30, 90, 215];
  const views = turns.flatMap((one) => turns.map((other) => [one, other] as const));

  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])("goes the same way on the screen, however turned; mirrored %s and %s", (mirrored, otherMirrored) => {
    for (const [turn, otherTurn] of views) {
      const one = look(100, 100, 8, turn, mirrored);
      const other = look(5_000, 5_000, 2, otherTurn, otherMirrored);
      const offset = offsetBetween(one, a, other, b);
      const moved = { ...one, x: 180, y: 40 };
      const to = follow(moved, a, offset, b, otherMirrored);
      const way = onScreen(moved, one, a);
      const otherWay = onScreen(to, other, b);
      expect(otherWay.x).toBeCloseTo(way.x, 9);
      expect(otherWay.y).toBeCloseTo(way.y, 9);
    }
  });

  it.each([
    [false, false],
    [true, false],
    [false, true],
  ])("turns the same way on the screen; mirrored %s and %s", (mirrored, otherMirrored) => {
    const one = look(100, 100, 8, 20, mirrored);
    const other = look(5_000, 5_000, 2, 350, otherMirrored);
    const offset = offsetBetween(one, a, other, b);
    const turned = { ...one, rotation: 65 };
    const to = follow(turned, a, offset, b, otherMirrored);
    // Places that lay on top of each other still do.
    for (const place of [
      { x: 130, y: 70 },
      { x: 0, y: 1_000 },
    ]) {
      const there = onScreen(placeOf(place, a, offset, b), to, b);
      const here = onScreen(place, turned, a);
      expect(there.x).toBeCloseTo(here.x, 9);
      expect(there.y).toBeCloseTo(here.y, 9);
    }
  });

  it("keeps a difference in magnification, and the registration while both zoom", () => {
    const offset = offsetBetween(look(100, 100, 8), a, look(5_000, 5_000, 8), b);
    expect(offset.zoom).toBeCloseTo(4, 12);
    const to = follow(look(100, 100, 2), a, offset, b, false);
    expect(to).toEqual(look(5_000, 5_000, 2));
  });
});

describe("aligned panes", () => {
  it("have the same magnification, turn and part of the slide", () => {
    const to = aligned(look(10_000, 15_000, 8, 30), A, a, { slide: B, size: b, flipped: false });
    expect(to).toEqual(look(2_500, 15_000, 2, 30));
  });

  it("are turned alike on the screen where one is mirrored", () => {
    const one = look(0, 0, 8, 30);
    const to = aligned(one, A, a, { slide: B, size: b, flipped: true });
    expect(to.rotation).toBe(330);
    // what points up is turned alike; left and right have changed places
    const [up, otherUp] = [onScreen({ x: 0, y: -100 }, one, a), onScreen({ x: 0, y: -50 }, to, b)];
    expect(otherUp.x).toBeCloseTo(up.x, 9);
    expect(otherUp.y).toBeCloseTo(up.y, 9);
  });
});
