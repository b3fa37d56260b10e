import { describe, expect, it } from "vitest";
import type { Level } from "../../src/api/metadata";
import { PyramidGeometry } from "../../src/tiles/geometry";
import { madeLevels } from "../../src/tiles/made-levels";
import { type Hint, hintsFor, targetLevel, tilesIn, type View } from "../../src/tiles/prefetch-hint";
import { level } from "./level";

/** CMU-1's real sizes: the steps are 4.0 and 4.016, and the tile size changes on the way. */
const BY_FOUR = [level(0, 46000, 32914), level(1, 11500, 8228), level(2, 2864, 2049, 240)];
const BY_TWO = [level(0, 8192, 8192), level(1, 4096, 4096), level(2, 2048, 2048), level(3, 1024, 1024)];

/** Whether a tile is known, by the level's number in metadata. */
type Known = (level: number, x: number, y: number) => boolean;

const nothingKnown: Known = () => false;

/** A screen of `width` by `height` device pixels whose left top corner lies on pixel (x, y) of a level drawn at `ratio`. */
function view(levels: Level[], index: number, x: number, y: number, width: number, height: number, ratio = 1): View {
  const shown = levels[index] as Level;
  const aspect = (levels[0] as Level).height / (levels[0] as Level).width;
  return {
    box: {
      x: x / shown.width,
      y: (y / shown.height) * aspect,
      width: width / ratio / shown.width,
      height: (height / ratio / shown.height) * aspect,
    },
    slideWidth: shown.width * ratio,
  };
}

function hints(levels: Level[], seen: View, known: Known = nothingKnown): Hint[] {
  const geometry = new PyramidGeometry([...levels, ...madeLevels(levels)]);
  return hintsFor(geometry, levels.length, seen, (index, x, y) => known(geometry.level(index).level, x, y));
}

/** A rectangle of known tiles. */
function tiles(index: number, x0: number, y0: number, width: number, height: number): Known {
  return (level, x, y) => level === index && x >= x0 && x < x0 + width && y >= y0 && y < y0 + height;
}

describe("targetLevel", () => {
  const geometry = new PyramidGeometry(BY_FOUR);

  it.each([
    [46000, 2], // 1:1
    [4 * 46000, 2], // nothing finer
    [23000, 2], // exactly half
    [22999, 1],
    [11500, 1],
    [5750, 1],
    [5749, 0],
    [1432, 0],
    [10, 0], // nothing coarser
  ])("for a slide of %i pixels on the screen is %i", (slideWidth, index) => {
    expect(targetLevel(geometry, slideWidth)).toBe(index);
  });
});

describe("tilesIn", () => {
  const geometry = new PyramidGeometry(BY_FOUR);
  const bottom = 32914 / 46000;

  it("clips to the slide on every side", () => {
    expect(tilesIn(geometry, 2, { x: -1, y: -1, width: 9, height: 9 })).toEqual({
      x: 0,
      y: 0,
      width: 180,
      height: 129,
    });
    expect(tilesIn(geometry, 0, { x: 0, y: 0, width: 1, height: bottom })).toEqual({
      x: 0,
      y: 0,
      width: 12,
      height: 9,
    });
  });

  it("is nothing beside the slide, nor where only edges meet", () => {
    for (const box of [
      { x: 1.1, y: 0, width: 1, height: 1 },
      { x: -2, y: 0, width: 1.9, height: 1 },
      { x: 0, y: bottom + 0.01, width: 1, height: 1 },
      { x: 0, y: -1, width: 1, height: 1 },
      { x: 1, y: 0, width: 1, height: 1 },
      { x: 0.5, y: 0.1, width: 0, height: 0.1 },
      { x: NaN, y: 0, width: 1, height: 1 },
    ]) {
      expect(tilesIn(geometry, 2, box)).toBeNull();
    }
  });

  it("takes a tile of which one pixel is seen", () => {
    const pixel = 1 / 46000;
    expect(tilesIn(geometry, 2, { x: 255.5 * pixel, y: 255.5 * pixel, width: pixel, height: pixel })).toEqual({
      x: 0,
      y: 0,
      width: 2,
      height: 2,
    });
    expect(tilesIn(geometry, 2, { x: 256.5 * pixel, y: 0, width: pixel, height: pixel })).toMatchObject({
      x: 1,
      width: 1,
    });
  });

  it("counts tiles that aren't square, on a level of odd size", () => {
    const odd = new PyramidGeometry([level(0, 1001, 777, 240, 512)]);
    expect(tilesIn(odd, 0, { x: 0, y: 0, width: 1, height: 1 })).toEqual({ x: 0, y: 0, width: 5, height: 2 });
    expect(tilesIn(odd, 0, { x: 240.5 / 1001, y: 513 / 1001, width: 1, height: 1 })).toEqual({
      x: 1,
      y: 1,
      width: 4,
      height: 1,
    });
  });
});

describe("hintsFor", () => {
  it("names the tiles on the screen, by the level's number in metadata", () => {
    expect(hints(BY_FOUR, view(BY_FOUR, 0, 10 * 256 + 1, 20 * 256 + 1, 1280, 750))).toEqual([
      { level: 0, x: 10, y: 20, width: 6, height: 3 },
    ]);
    expect(hints(BY_FOUR, view(BY_FOUR, 1, 300, 300, 1000, 700))).toEqual([
      { level: 1, x: 1, y: 1, width: 5, height: 3 },
    ]);
    expect(hints(BY_FOUR, view(BY_FOUR, 2, 0, 0, 2000, 1000))).toEqual([{ level: 2, x: 0, y: 0, width: 9, height: 5 }]);
  });

  it("holds twice as many tiles each way where a level is drawn at half its size", () => {
    expect(hints(BY_FOUR, view(BY_FOUR, 0, 1, 1, 1024, 512, 0.5))[0]).toEqual({
      level: 0,
      x: 0,
      y: 0,
      width: 9,
      height: 5,
    });
  });

  it("keeps inside the level where the screen hangs over an edge", () => {
    expect(hints(BY_FOUR, view(BY_FOUR, 0, -600, -300, 1280, 800))).toEqual([
      { level: 0, x: 0, y: 0, width: 3, height: 2 },
    ]);
    expect(hints(BY_FOUR, view(BY_FOUR, 0, 46000 - 600, 32914 - 300, 1280, 800))).toEqual([
      { level: 0, x: 177, y: 127, width: 3, height: 2 },
    ]);
    expect(hints(BY_FOUR, view(BY_FOUR, 0, 47000, 0, 1280, 800))).toEqual([]);
  });

  it("tells of coarser levels first, where they are many tiles too", () => {
    const seen = view(BY_TWO, 0, 512 + 1, 1024 + 1, 2048, 1536);
    expect(hints(BY_TWO, seen)).toEqual([
      { level: 1, x: 1, y: 2, width: 5, height: 4 },
      { level: 0, x: 2, y: 4, width: 9, height: 7 },
    ]);
  });

  it("never tells of more than two levels", () => {
    const levels = [level(0, 65536, 65536), level(1, 32768, 32768), level(2, 16384, 16384), level(3, 8192, 8192)];
    const all = hints(levels, view(levels, 0, 0, 0, 7680, 4320));
    expect(all.map((hint) => hint.level)).toEqual([1, 0]);
  });

  it("is silent where everything is known, and where only two tiles are new", () => {
    const seen = view(BY_FOUR, 0, 1, 1, 1000, 700); // 4 x 3
    const known = tiles(0, 0, 0, 4, 3);
    expect(hints(BY_FOUR, seen, known)).toEqual([]);
    expect(hints(BY_FOUR, view(BY_FOUR, 0, 1, 1, 500, 250))).toEqual([]);
    expect(hints(BY_FOUR, seen, (level, x, y) => known(level, x, y) && !(x === 3 && y < 2))).toEqual([]);
    expect(hints(BY_FOUR, seen, (level, x, y) => known(level, x, y) && x < 3)).toEqual([
      { level: 0, x: 3, y: 0, width: 1, height: 3 },
    ]);
  });

  it("names only what a pan brings in: a column, a row, or the box around a corner", () => {
    const known = tiles(0, 10, 10, 5, 4);
    const at = (x: number, y: number): Hint[] =>
      hints(BY_FOUR, view(BY_FOUR, 0, x * 256 + 1, y * 256 + 1, 1278, 1022), known);
    expect(at(10, 10)).toEqual([]);
    expect(at(11, 10)).toEqual([{ level: 0, x: 15, y: 10, width: 1, height: 4 }]);
    expect(at(9, 10)).toEqual([{ level: 0, x: 9, y: 10, width: 1, height: 4 }]);
    expect(at(10, 12)).toEqual([{ level: 0, x: 10, y: 14, width: 5, height: 2 }]);
    expect(at(11, 11)).toEqual([{ level: 0, x: 11, y: 11, width: 5, height: 4 }]);
  });

  it("asks of coarser levels only what lies under what is new", () => {
    // Sixteen by sixteen finer tiles, of which the right half is new; coarser ones are eight by eight, none known.
    const seen = view(BY_TWO, 0, 1, 1, 4094, 4094);
    expect(hints(BY_TWO, seen, tiles(0, 0, 0, 8, 16))).toEqual([
      { level: 1, x: 4, y: 0, width: 4, height: 8 },
      { level: 0, x: 8, y: 0, width: 8, height: 16 },
    ]);
  });

  it("says nothing of levels that the server makes", () => {
    const stored = [level(0, 10001, 10000)];
    expect(madeLevels(stored).length).toBeGreaterThan(0);
    expect(hints(stored, view(stored, 0, 1000, 1000, 1280, 800))).toEqual([
      { level: 0, x: 3, y: 3, width: 6, height: 5 },
    ]);
    const whole: View = { box: { x: 0, y: 0, width: 1, height: 1 }, slideWidth: 1280 };
    expect(hints(stored, whole)).toEqual([]);
  });

  it("covers all that a turned screen shows, as the box around it", () => {
    const [width, height, turn] = [1280, 800, Math.PI / 6];
    const [across, down] = [
      width * Math.cos(turn) + height * Math.sin(turn),
      width * Math.sin(turn) + height * Math.cos(turn),
    ];
    const [hint] = hints(BY_FOUR, view(BY_FOUR, 0, 20000 - across / 2, 20000 - down / 2, across, down));
    if (hint === undefined) throw new Error("no hint");
    for (const [x, y] of [
      [-1, -1],
      [1, -1],
      [-1, 1],
      [1, 1],
    ] as const) {
      const pixelX = 20000 + (x * width * Math.cos(turn) - y * height * Math.sin(turn)) / 2;
      const pixelY = 20000 + (x * width * Math.sin(turn) + y * height * Math.cos(turn)) / 2;
      expect(Math.floor(pixelX / 256)).toBeGreaterThanOrEqual(hint.x);
      expect(Math.floor(pixelX / 256)).toBeLessThan(hint.x + hint.width);
      expect(Math.floor(pixelY / 256)).toBeGreaterThanOrEqual(hint.y);
      expect(Math.floor(pixelY / 256)).toBeLessThan(hint.y + hint.height);
    }
  });
});
