import { describe, expect, it } from "vitest";
import { PyramidGeometry } from "../../src/tiles/geometry";
import { madeLevels } from "../../src/tiles/made-levels";
import { level } from "./level";

describe("madeLevels", () => {
  it("adds none to a pyramid that reaches far enough", () => {
    expect(madeLevels([level(0, 46000, 32914), level(1, 2000, 1431)])).toEqual([]);
    expect(madeLevels([level(0, 2048, 2048)])).toEqual([]);
  });

  it("goes on by halving down to a single tile, as Deep Zoom numbers it", () => {
    const made = madeLevels([level(0, 10001, 10000)]);
    expect(made.map(({ deepZoom, width, height, tiles_x }) => [deepZoom, width, height, tiles_x])).toEqual([
      [13, 5001, 5000, 20],
      [12, 2501, 2500, 10],
      [11, 1251, 1250, 5],
      [10, 626, 625, 3],
      [9, 313, 313, 2],
      [8, 157, 157, 1],
    ]);
  });

  it("leaves out what is hardly coarser than the coarsest stored level", () => {
    const made = madeLevels([level(0, 40000, 40000), level(1, 10000, 10000), level(2, 2500, 2500)]);
    expect(made[0]).toMatchObject({ width: 1250, level: 3 });
  });

  it("fits below the stored levels", () => {
    const stored = [level(0, 10001, 10000)];
    const geometry = new PyramidGeometry([...stored, ...madeLevels(stored)]);
    for (let index = 1; index <= geometry.maxLevel; index++) {
      expect(geometry.scale(index)).toBeGreaterThan(geometry.scale(index - 1));
    }
    expect(geometry.scale(geometry.maxLevel)).toBe(1);
  });
});
