import { describe, expect, it } from "vitest";
import { squared, straightened } from "../../src/marks/drawing/straight";

describe("a square", () => {
  it("is as large as the longer side, towards the pointer", () => {
    expect(squared({ x: 10, y: 10 }, { x: 30, y: 5 }, { x: 1, y: 1 })).toEqual({ x: 30, y: -10 });
    expect(squared({ x: 10, y: 10 }, { x: 8, y: 50 }, { x: 1, y: 1 })).toEqual({ x: -30, y: 50 });
  });

  it("is one in micrometres where pixels are not", () => {
    const corner = squared({ x: 0, y: 0 }, { x: 40, y: 1 }, { x: 0.5, y: 0.25 });
    expect(corner).toEqual({ x: 40, y: 80 });
  });
});

describe("a straight line", () => {
  it("goes on in the nearest of eight directions", () => {
    const from = { x: 100, y: 100 };
    for (const [to, there] of [
      [
        { x: 190, y: 104 },
        { x: 190, y: 100 },
      ],
      [
        { x: 97, y: 20 },
        { x: 100, y: 20 },
      ],
      [
        { x: 140, y: 160 },
        { x: 150, y: 150 },
      ],
      [
        { x: 60, y: 130 },
        { x: 65, y: 135 },
      ],
    ] as const) {
      const found = straightened(from, to);
      expect(found.x).toBeCloseTo(there.x);
      expect(found.y).toBeCloseTo(there.y);
    }
    expect(straightened(from, from)).toEqual(from);
  });
});
