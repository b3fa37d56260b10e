import { describe, expect, it } from "vitest";
import {
  angle,
  boxOf,
  distance,
  distanceToPath,
  ellipseArea,
  ellipseLength,
  ringArea,
  ringLength,
  signedArea,
} from "../../src/marks/geometry/geometry";
import { simplify } from "../../src/marks/geometry/simplify";
import { areaText, lengthText } from "../../src/marks/model/format";
import { measures } from "../../src/marks/model/measure";
import { inverse, project, projectionOf } from "../../src/marks/shown/projection";

const SQUARE = [
  { x: 0, y: 0 },
  { x: 100, y: 0 },
  { x: 100, y: 100 },
  { x: 0, y: 100 },
];
/** Pixels twice as high as wide. */
const TALL = { x: 0.25, y: 0.5 };

describe("lengths and areas", () => {
  it("count each direction by its own pixel size", () => {
    expect(distance({ x: 0, y: 0 }, { x: 300, y: 200 }, TALL)).toBeCloseTo(Math.hypot(75, 100));
    expect(ringArea(SQUARE, TALL)).toBeCloseTo(25 * 50);
    expect(ringLength(SQUARE, TALL)).toBeCloseTo(150);
  });

  it("lose nothing far from the slide's corner", () => {
    const far = SQUARE.map(({ x, y }) => ({ x: x + 4e7, y: y + 4e7 }));
    expect(signedArea(far)).toBe(10_000);
    expect(signedArea([...far].reverse())).toBe(-10_000);
  });

  it("know the ellipse, and a circle as one", () => {
    const box = { left: 0, top: 0, right: 200, bottom: 100 };
    expect(ellipseArea(box)).toBeCloseTo(Math.PI * 100 * 50);
    expect(ellipseLength(box, { x: 1, y: 2 })).toBeCloseTo(2 * Math.PI * 100);
    expect(ellipseLength({ left: 5, top: 5, right: 5, bottom: 5 })).toBe(0);
  });

  it("leave holes out", () => {
    const hole = SQUARE.map(({ x, y }) => ({ x: 10 + x / 10, y: 10 + y / 10 }));
    const found = measures({ kind: "polygon", points: SQUARE, holes: [hole] }, TALL);
    expect(found.area).toBeCloseTo((10_000 - 100) * 0.125);
    expect(found.perimeter).toBeCloseTo(165);
  });

  it("are in px where the slide tells no scale", () => {
    const points = [
      { x: 0, y: 0 },
      { x: 30, y: 40 },
    ];
    expect(measures({ kind: "distance", points }, null)).toEqual({ isMetric: false, length: 50 });
    expect(measures({ kind: "point", points: [{ x: 0, y: 0 }] }, null)).toEqual({ isMetric: false });
  });
});

describe("angle", () => {
  it("is the one on the glass, not the one of the pixels", () => {
    const [arm, middle, other] = [
      { x: 100, y: 0 },
      { x: 0, y: 0 },
      { x: 100, y: 100 },
    ] as const;
    expect(angle(arm, middle, other)).toBeCloseTo(45);
    expect(angle(arm, middle, other, TALL)).toBeCloseTo(63.4349, 4);
    expect(angle(arm, middle, { x: -5, y: 0 })).toBe(180);
    expect(angle(arm, middle, middle)).toBeNull();
  });
});

describe("texts", () => {
  it.each([
    [1.234, true, "1.23 µm"],
    [12.34, true, "12.3 µm"],
    [999.94, true, "999.9 µm"],
    [999.96, true, "1.000 mm"],
    [1234.4, true, "1.234 mm"],
    [1_234_567, true, "1,234.567 mm"],
    [345.67, false, "345.7 px"],
  ])("of the length %d", (value, isMetric, text) => {
    expect(lengthText(value, isMetric)).toBe(text);
  });

  it.each([
    [345.67, true, "345.7 µm²"],
    [12_345.6, true, "12,346 µm²"],
    [560_000, true, "0.56 mm²"],
    [123_456, true, "0.123 mm²"],
    [2_345_678, true, "2.35 mm²"],
    [345.67, false, "346 px²"],
  ])("of the area %d", (value, isMetric, text) => {
    expect(areaText(value, isMetric)).toBe(text);
  });
});

describe("simplify", () => {
  it("keeps the ends and the corners, and moves no place by more than it may", () => {
    const line = Array.from({ length: 1001 }, (_, i) => ({ x: i, y: i < 500 ? 0 : i - 500 + Math.sin(i) / 4 }));
    const fewer = simplify(line, 0.5);
    expect(fewer.length).toBeLessThan(20);
    expect(fewer[0]).toEqual(line[0]);
    expect(fewer.at(-1)).toEqual(line.at(-1));
    for (const point of line) expect(distanceToPath(point, fewer)).toBeLessThanOrEqual(0.5);
  });

  it("takes long lines", () => {
    const line = Array.from({ length: 100_000 }, (_, i) => ({ x: i, y: i % 2 }));
    expect(simplify(line, 2)).toHaveLength(2);
  });

  it("leaves two points as they are", () => {
    const two = SQUARE.slice(0, 2);
    expect(simplify(two, 5)).toEqual(two);
  });
});

describe("projection", () => {
  it("is what three places tell, and can be undone", () => {
    const toScreen = ({ x, y }: { x: number; y: number }) => ({ x: 3 - 0.5 * x + 0.2 * y, y: 7 + 0.2 * x + 0.5 * y });
    const projection = projectionOf(toScreen, 80_000, 50_000);
    const place = { x: 12_345.6, y: 4321 };
    expect(project(projection, place).x).toBeCloseTo(toScreen(place).x, 6);
    expect(project(projection, place).y).toBeCloseTo(toScreen(place).y, 6);
    expect(project(inverse(projection), toScreen(place)).x).toBeCloseTo(place.x, 6);
  });
});

it("a box of no points is nowhere", () => {
  expect(boxOf([]).left).toBe(Infinity);
});
