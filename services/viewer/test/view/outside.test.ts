import { describe, expect, it } from "vitest";

import { isOutside, nearest } from "../../src/view/outside";
import type { Point } from "../../src/view/point";

const SLIDE = { width: 1000, height: 1000 };
const VIEW = { width: 100, height: 100 };

/** A view around a place, turned by degrees, one pixel of the slide to one of the screen. */
function around(centre: Point, degrees: number): boolean {
  const turn = ({ x, y }: Point, by: number): Point => {
    const [cos, sin] = [Math.cos((by * Math.PI) / 180), Math.sin((by * Math.PI) / 180)];
    return { x: cos * x - sin * y, y: sin * x + cos * y };
  };
  const toScreen = ({ x, y }: Point): Point => {
    const at = turn({ x: x - centre.x, y: y - centre.y }, degrees);
    return { x: at.x + 50, y: at.y + 50 };
  };
  const toSlide = ({ x, y }: Point): Point => {
    const at = turn({ x: x - 50, y: y - 50 }, -degrees);
    return { x: at.x + centre.x, y: at.y + centre.y };
  };
  return isOutside(VIEW, SLIDE, toSlide, toScreen);
}

describe("outside the slide", () => {
  it.each([
    [{ x: 500, y: 500 }, 0, false],
    [{ x: -49, y: 500 }, 0, false],
    [{ x: -51, y: 500 }, 0, true],
    [{ x: -51, y: 500 }, 45, false],
    [{ x: 500, y: 1075 }, 45, true],
    // Past the slide's corner, where only the view's own edge parts them.
    [{ x: -45, y: -45 }, 45, true],
    [{ x: -45, y: -45 }, 0, false],
  ])("at %o turned by %d: %s", (centre, degrees, expected) => {
    expect(around(centre, degrees)).toBe(expected);
  });

  it("leads to the nearest place in it", () => {
    expect(nearest({ x: -300, y: 400 }, SLIDE)).toEqual({ x: 0, y: 400 });
    expect(nearest({ x: 1200, y: 5000 }, SLIDE)).toEqual({ x: 1000, y: 1000 });
  });
});
