import { describe, expect, it } from "vitest";
import { PyramidGeometry, pixelAspect } from "../../src/tiles/geometry";
import { nearness, ringAround, underRing } from "../../src/tiles/ring";
import { TileStore } from "../../src/tiles/tile-store";
import { level } from "./level";

const geometry = new PyramidGeometry([level(0, 10240, 5120), level(1, 2560, 1280)]);

/** A screen whose left top corner lies on tile (x, y) of the finest level, some tiles wide and high, at 1:1. */
function view(x: number, y: number, width: number, height: number, ratio = 1) {
  const tile = 256 / 10240;
  const box = { x: (x + 0.1) * tile, y: (y + 0.1) * tile, width: (width - 0.2) * tile, height: (height - 0.2) * tile };
  return { box, slideWidth: 10240 * ratio };
}

describe("nearness", () => {
  it("is 0 on the screen, 1 in the ring around it, and null beyond", () => {
    const seen = view(10, 5, 4, 3);
    expect(nearness(geometry, seen, 1, 10, 5)).toBe(0);
    expect(nearness(geometry, seen, 1, 13, 7)).toBe(0);
    expect(nearness(geometry, seen, 1, 9, 4)).toBe(1);
    expect(nearness(geometry, seen, 1, 14, 8)).toBe(1);
    expect(nearness(geometry, seen, 1, 15, 7)).toBeNull();
    expect(nearness(geometry, seen, 1, 10, 3)).toBeNull();
  });

  it("is counted in tiles of the tile's own level", () => {
    const seen = view(10, 5, 4, 3);
    expect(nearness(geometry, seen, 0, 3, 1)).toBe(0);
    expect(nearness(geometry, seen, 0, 1, 0)).toBe(1);
    expect(nearness(geometry, seen, 0, 0, 0)).toBeNull();
  });

  it("is null for a level that is too fine to be drawn, and for all where the slide is off the screen", () => {
    expect(nearness(geometry, view(0, 0, 40, 20, 0.5), 1, 3, 3)).toBe(0);
    expect(nearness(geometry, view(0, 0, 40, 20, 0.49), 1, 3, 3)).toBeNull();
    expect(nearness(geometry, view(0, 0, 40, 20, 0.49), 0, 3, 3)).toBe(0);
    expect(nearness(geometry, { box: { x: 2, y: 0, width: 1, height: 1 }, slideWidth: 10240 }, 0, 0, 0)).toBeNull();
  });
});

describe("ringAround", () => {
  it("has each tile around the screen once, the nearest first", () => {
    const ring = ringAround(geometry, 1, view(10, 5, 4, 3).box);
    expect(ring).toHaveLength(6 * 5 - 4 * 3);
    expect(new Set(ring.map(({ x, y }) => `${x}/${y}`)).size).toBe(ring.length);
    expect(ring.every(({ x, y }) => nearness(geometry, view(10, 5, 4, 3), 1, x, y) === 1)).toBe(true);
    expect(ring[0]?.y === 4 || ring[0]?.y === 8).toBe(true);
    expect(ring.slice(-4).every(({ x, y }) => (x === 9 || x === 14) && (y === 4 || y === 8))).toBe(true);
  });

  it("ends at the slide's edge", () => {
    const ring = ringAround(geometry, 1, view(0, 0, 4, 3).box);
    expect(ring).toHaveLength(5 * 4 - 4 * 3);
    expect(ringAround(geometry, 0, { x: 0, y: 0, width: 1, height: 0.5 })).toEqual([]);
    expect(ringAround(geometry, 0, { x: 3, y: 0, width: 1, height: 0.5 })).toEqual([]);
  });
});

describe("underRing", () => {
  it("has the coarser tiles that the ring lies on, and none beyond", () => {
    // the ring reaches from tile 9, 4 to 14, 8, four of which are one of the coarser level
    expect(underRing(geometry, 1, view(10, 5, 4, 3).box)).toEqual([
      { index: 0, x: 2, y: 1 },
      { index: 0, x: 3, y: 1 },
      { index: 0, x: 2, y: 2 },
      { index: 0, x: 3, y: 2 },
    ]);
    expect(underRing(geometry, 1, view(4, 4, 3, 3).box)).toHaveLength(4);
    expect(underRing(geometry, 0, view(4, 4, 3, 3).box)).toEqual([]);
  });
});

describe("pixels that are not square", () => {
  const tall = new PyramidGeometry([level(0, 10240, 5120), level(1, 2560, 1280)], 2);

  it("make the slide higher, and its tiles", () => {
    expect(tall.shownHeight).toBe(10240);
    expect(tall.bottom).toBe(1);
    const box = tall.slideBox(1, 3, 4);
    expect(box.height / box.width).toBeCloseTo(2, 12);
    expect(tall.sourceBox(1, 3, 4)).toEqual({ x: 0, y: 0, width: 256, height: 256 });
    expect(tall.tileAt(1, box.x + box.width / 2, box.y + box.height / 2)).toEqual({ x: 3, y: 4 });
    expect(tall.tileAt(1, 1, 1)).toEqual({ x: 39, y: 19 });
  });

  it("are known by the slide's mpp", () => {
    expect(pixelAspect({ x: 0.25, y: 0.5 })).toBe(2);
    expect(pixelAspect(null)).toBe(1);
    expect(pixelAspect({ x: 0, y: 0.5 })).toBe(1);
    expect(pixelAspect({ x: 0.5, y: 0 })).toBe(1);
  });
});

describe("TileStore", () => {
  const blob = (bytes: number): Blob => new Blob([new Uint8Array(bytes)]);

  it("gives what it holds once, and holds no more bytes than it may", () => {
    const store = new TileStore(100);
    store.put("a", blob(40));
    store.put("b", blob(40));
    store.put("a", blob(50));
    expect(store.bytes).toBe(90);
    store.put("c", blob(30));
    expect([store.has("a"), store.has("b"), store.has("c")]).toEqual([true, false, true]);
    store.put("d", blob(101));
    expect(store.has("d")).toBe(false);
    expect(store.take("a")?.size).toBe(50);
    expect(store.take("a")).toBeUndefined();
    expect(store.bytes).toBe(30);
  });
});
