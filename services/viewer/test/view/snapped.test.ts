import { describe, expect, it } from "vitest";

import { snapped } from "../../src/view/snapped";

describe("snapped", () => {
  it("leaves neither a gap nor an overlap between neighbours, wherever they lie", () => {
    for (const ratio of [1, 1.25, 1.5, 2, 3]) {
      for (let at = -3; at < 40; at += 0.37) {
        const left = snapped({ x: at, y: 0 }, { x: 17.3, y: 5 }, ratio);
        const right = snapped({ x: at + 17.3, y: 0 }, { x: 17.3, y: 5 }, ratio);
        expect(left.from.x + left.size.x).toBeCloseTo(right.from.x, 9);
        expect((left.from.x * ratio) % 1).toBeCloseTo(0, 9);
      }
    }
  });

  it("leaves no gap where an edge is half-way between two pixels, but for a rounding error", () => {
    const error = 1e-10;
    for (const edge of [714.5, 0.5, -3.5, 1e5 + 0.5]) {
      for (const by of [-error, 0, error]) {
        const upper = snapped({ x: 0, y: edge - 120 + by }, { x: 120, y: 120 }, 1);
        const lower = snapped({ x: 0, y: edge }, { x: 120, y: 120 }, 1);
        expect(upper.from.y + upper.size.y).toBe(lower.from.y);
      }
    }
  });

  it("does not change the size of what is as large as device pixels", () => {
    expect(snapped({ x: 10.4, y: 3.6 }, { x: 256, y: 128 }, 1)).toEqual({
      from: { x: 10, y: 4 },
      size: { x: 256, y: 128 },
    });
    expect(snapped({ x: 10.2, y: 0 }, { x: 128, y: 128 }, 2).size).toEqual({ x: 128, y: 128 });
  });

  it("changes nothing the second time", () => {
    const once = snapped({ x: 1.3, y: 2.7 }, { x: 20.45, y: 20.45 }, 2);
    expect(snapped(once.from, once.size, 2)).toEqual(once);
  });
});
