import { describe, expect, it } from "vitest";
import { PyramidGeometry } from "../../src/tiles/geometry";
import { scaleBar } from "../../src/view/scale-bar";
import { level } from "./level";

// CMU-1's real sizes: the steps are 4.0 and 4.016, and the tile size changes on the way.
const pyramid = new PyramidGeometry([
  level(0, 46000, 32914, 256),
  level(1, 11500, 8228, 256),
  level(2, 2864, 2049, 240),
]);

describe("PyramidGeometry", () => {
  it("counts levels from the coarsest", () => {
    expect(pyramid.maxLevel).toBe(2);
    expect(pyramid.level(0).level).toBe(2);
    expect(pyramid.scale(2)).toBe(1);
    expect(() => pyramid.level(3)).toThrow(RangeError);
  });

  it("leaves a tile's padding out at the right and bottom edges", () => {
    const last = pyramid.sourceBox(2, 179, 128);
    expect(last).toEqual({ x: 0, y: 0, width: 46000 - 179 * 256, height: 32914 - 128 * 256 });
    expect(pyramid.sourceBox(2, 0, 0)).toEqual({ x: 0, y: 0, width: 256, height: 256 });
  });

  it("covers the whole slide exactly on every level, whatever the steps are", () => {
    for (let index = 0; index <= pyramid.maxLevel; index++) {
      const { tiles_x, tiles_y } = pyramid.level(index);
      const last = pyramid.slideBox(index, tiles_x - 1, tiles_y - 1);
      expect(last.x + last.width).toBeCloseTo(1, 12);
      expect(last.y + last.height).toBeCloseTo(32914 / 46000, 12);
      const neighbour = pyramid.slideBox(index, 1, 1);
      const first = pyramid.slideBox(index, 0, 0);
      expect(first.x + first.width).toBeCloseTo(neighbour.x, 12);
      expect(first.y + first.height).toBeCloseTo(neighbour.y, 12);
    }
  });

  it("finds the tile of a point, and the last one at the very edge", () => {
    for (let index = 0; index <= pyramid.maxLevel; index++) {
      const { tiles_x, tiles_y } = pyramid.level(index);
      expect(pyramid.tileAt(index, 1, 32914 / 46000)).toEqual({ x: tiles_x - 1, y: tiles_y - 1 });
      const box = pyramid.slideBox(index, 1, 2);
      expect(pyramid.tileAt(index, box.x + box.width / 2, box.y + box.height / 2)).toEqual({ x: 1, y: 2 });
    }
  });
});

describe("scaleBar", () => {
  it("is the longest round length that fits", () => {
    expect(scaleBar(0.5, 160)).toEqual({ label: "50 µm", pixels: 100 });
    expect(scaleBar(0.25, 160)).toEqual({ label: "20 µm", pixels: 80 });
    expect(scaleBar(20, 160)).toEqual({ label: "2 mm", pixels: 100 });
    expect(scaleBar(0.01, 160).label).toBe("1 µm");
  });
});
