import { describe, expect, it } from "vitest";

import { areCrossing } from "../../src/marks/geometry/crossing";
import { measureText } from "../../src/marks/model/format";
import { newMark } from "../../src/marks/model/mark";
import { measures } from "../../src/marks/model/measure";
import type { Point } from "../../src/view/point";

function ring(...flat: number[]): Point[] {
  return flat.flatMap((x, i) => (i % 2 === 0 ? [{ x, y: flat[i + 1] ?? 0 }] : []));
}

const SQUARE = ring(0, 0, 10, 0, 10, 10, 0, 10);
const TIE = ring(0, 0, 10, 10, 10, 0, 0, 10);

/** Begun at any point, the other way round, turned and far from 0: none of it changes the answer. */
function everyWay(points: readonly Point[]): Point[][] {
  return points.flatMap((_, i) => {
    const begun = [...points.slice(i), ...points.slice(0, i)];
    return [begun, [...begun].reverse(), begun.map(({ x, y }) => ({ x: 100_000 - y, y: 70_000 + x }))];
  });
}

describe("an outline crosses itself", () => {
  it.each([
    ["as a bow tie", TIE],
    ["as a star", ring(5, 0, 8, 9, 0, 3, 10, 3, 2, 9)],
    ["in one of its corners", ring(0, 0, 5, 5, 10, 10, 10, 0, 5, 5, 0, 10)],
    ["with a corner on a side", ring(0, 0, 10, 0, 10, 10, 5, 10, 5, 0, 5, -5, 0, -5)],
    ["in a small loop", ring(0, 0, 10, 0, 10, 10, 6, 10, 4, 12, 6, 12, 4, 10, 0, 10)],
    ["going round twice", [...SQUARE, ...SQUARE]],
  ])("%s", (_, points) => {
    for (const one of everyWay(points)) expect(areCrossing([one])).toBe(true);
  });
});

describe("an outline does not cross itself", () => {
  it.each([
    ["as a square", SQUARE],
    ["with points on a side, and twice the same", ring(0, 0, 5, 0, 5, 0, 10, 0, 10, 10, 0, 10)],
    ["where two corners touch", ring(0, 0, 10, 0, 5, 5, 10, 10, 0, 10, 5, 5)],
    ["where a corner touches a side", ring(0, 0, 10, 0, 10, 10, 5, 0, 0, 10)],
    ["with a spike", ring(0, 0, 10, 0, 10, 5, 15, 5, 10, 5, 10, 10, 0, 10)],
    ["with a cut to a hole and back", ring(0, 0, 10, 0, 10, 10, 0, 10, 0, 5, 3, 5, 3, 7, 7, 7, 7, 3, 3, 3, 3, 5, 0, 5)],
    ["as a line there and back", ring(0, 0, 5, 0, 10, 0)],
  ])("%s", (_, points) => {
    for (const one of everyWay(points)) expect(areCrossing([one])).toBe(false);
  });

  it.each([0, 45, 90, 135])("as a comb of 20,000 teeth, turned by %i°", (degrees) => {
    const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    const teeth = Array.from({ length: 20_000 }, (_, i) => ({ x: i, y: i % 2 === 0 ? 0 : 15_000 }));
    const comb = [...teeth, ...ring(20_000, -10, 0, -10)].map(({ x, y }) => ({ x: c * x - s * y, y: s * x + c * y }));
    expect(areCrossing([comb])).toBe(false);
    // the last tooth goes through the bottom
    expect(
      areCrossing([comb.map((point, i) => (i === 19_998 ? { x: c * 100 + s * 20, y: s * 100 - c * 20 } : point))]),
    ).toBe(true);
  });
});

it("holes may touch the outline, but not cross it nor each other", () => {
  expect(areCrossing([SQUARE, ring(2, 2, 4, 2, 4, 4), ring(6, 6, 8, 6, 8, 8)])).toBe(false);
  expect(areCrossing([SQUARE, ring(0, 5, 4, 2, 4, 8), ring(0, 0, 2, 0, 2, 2)])).toBe(false);
  expect(areCrossing([SQUARE, ring(-1, 5, 4, 2, 4, 8)])).toBe(true);
  expect(areCrossing([SQUARE, ring(2, 2, 6, 2, 6, 6, 2, 6), ring(4, 4, 8, 4, 8, 8, 4, 8)])).toBe(true);
});

describe("what is measured of an outline that crosses itself", () => {
  it.each([
    ["area", TIE],
    ["polygon", TIE],
    ["freehand", [...TIE, ...TIE.slice(0, 1)]],
  ] as const)("%s: words instead of an area", (kind, points) => {
    const found = measures(newMark(kind, points, "#111111", 0), { x: 0.5, y: 0.5 });
    expect(found.area).toBeUndefined();
    expect(found).toMatchObject({ isCrossing: true, isMetric: true });
    expect(found.perimeter).toBeCloseTo(10 + 10 * Math.SQRT2, 9);
    expect(measureText(found)).toBe("outline crosses itself: no area");
  });

  it("is looked for once as long as the mark is the same", () => {
    const mark = newMark("area", TIE, "#111111", 0);
    const scale = { x: 0.5, y: 0.5 };
    expect(measures(mark, scale)).toBe(measures(mark, scale));
    expect(measures(mark, null).isMetric).toBe(false);
    expect(measures({ ...mark, points: SQUARE }, null).area).toBe(100);
  });
});
