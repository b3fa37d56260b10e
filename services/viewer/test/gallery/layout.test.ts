import { describe, expect, it } from "vitest";
import { layoutOf, placeOf, rangeOn, scrollTo, step, totalHeight } from "../../src/gallery/layout";

const WIDTHS = [280, 360, 640, 901, 1280, 2560];

describe("the layout", () => {
  it.each(WIDTHS)("fills %i pixels with cards that don't overlap", (space) => {
    const layout = layoutOf("grid", space, 15);
    const right = placeOf(layout, layout.columns - 1).x + layout.width + layout.padding;
    expect(right).toBeLessThanOrEqual(space);
    expect(right).toBeGreaterThan(space - layout.columns);
    expect(placeOf(layout, 1).x - placeOf(layout, 0).x === layout.width + layout.gap || layout.columns === 1).toBe(
      true,
    );
    expect(placeOf(layout, layout.columns).y - placeOf(layout, 0).y).toBe(layout.height + layout.gap);
  });

  it("has two columns on a phone and one in the table", () => {
    expect(layoutOf("grid", 360, 15).columns).toBe(2);
    expect(layoutOf("table", 1280, 15)).toMatchObject({ columns: 1, width: 1280 });
  });

  it("is as high as its last row ends", () => {
    const layout = layoutOf("grid", 1000, 15);
    for (const count of [1, 4, 5, 10_001]) {
      expect(totalHeight(layout, count)).toBe(placeOf(layout, count - 1).y + layout.height + layout.padding);
    }
    expect(totalHeight(layout, 0)).toBe(0);
  });
});

describe("what is on screen", () => {
  it.each(WIDTHS)("is each item that overlaps it, and no row more (%i pixels)", (space) => {
    const layout = layoutOf("grid", space, 15);
    const count = 997;
    for (let top = 0; top < totalHeight(layout, count); top += 777) {
      const { from, to } = rangeOn(layout, count, top, 600);
      for (let i = 0; i < count; i++) {
        const { y } = placeOf(layout, i);
        const overlaps = y < top + 600 && y + layout.height > top;
        if (overlaps) expect(i >= from && i < to).toBe(true);
      }
      expect(to - from).toBeLessThanOrEqual((Math.ceil(600 / (layout.height + layout.gap)) + 1) * layout.columns);
    }
  });

  it("is nothing of an empty list, and ends with the list", () => {
    const layout = layoutOf("grid", 800, 15);
    expect(rangeOn(layout, 0, 0, 600)).toEqual({ from: 0, to: 0 });
    expect(rangeOn(layout, 7, 1e6, 600)).toEqual({ from: 7, to: 7 });
    expect(rangeOn(layout, 7, -500, 600, 1e6)).toEqual({ from: 0, to: 7 });
  });
});

describe("scrolling to an item", () => {
  const layout = layoutOf("table", 800, 15);

  it("moves no further than needed", () => {
    expect(scrollTo(layout, 3, 0, 600)).toBe(0);
    const top = scrollTo(layout, 100, 0, 600);
    expect(placeOf(layout, 100).y + layout.height).toBe(top + 600);
    expect(scrollTo(layout, 99, top, 600)).toBe(top);
    expect(scrollTo(layout, 20, top, 600)).toBe(placeOf(layout, 20).y);
  });
});

describe("arrow keys", () => {
  it.each([
    ["ArrowRight", 3, 4],
    ["ArrowLeft", 3, 2],
    ["ArrowDown", 3, 7],
    ["ArrowUp", 5, 1],
    ["ArrowUp", 2, 2],
    ["ArrowLeft", 0, 0],
    ["ArrowDown", 8, 9],
    ["ArrowRight", 9, 9],
    ["Home", 7, 0],
    ["End", 0, 9],
  ])("%s leads from %i to %i of ten in rows of four", (key, from, to) => {
    expect(step(key, from, 10, 4)).toBe(to);
  });

  it("are these alone", () => {
    expect(step("a", 0, 10, 4)).toBeNull();
    expect(step("Home", 0, 0, 4)).toBeNull();
  });
});
