// What can be measured of a mark.

import { areCrossing } from "../geometry/crossing";
import {
  angle,
  boxOf,
  ellipseArea,
  ellipseLength,
  PIXELS,
  pathLength,
  ringArea,
  ringLength,
  type Scale,
} from "../geometry/geometry";
import { isRing, type Mark } from "./mark";

/** What has no measure has none of these. Lengths in µm, or px where the scale is not known; areas in their squares. */
export interface Measures {
  readonly length?: number;
  readonly area?: number;
  /** The outline crosses itself, or a hole's: it has no area that a formula gives. */
  readonly isCrossing?: true;
  readonly perimeter?: number;
  /** Degrees. */
  readonly angle?: number;
  readonly isMetric: boolean;
}

type Measured = Pick<Mark, "kind" | "points" | "holes">;

/** What was found of a mark, which never changes: list, label and panel ask for the same. */
const FOUND = new WeakMap<Measured, { readonly mpp: Scale | null; readonly measures: Measures }>();

/** @param mpp µm a pixel of level 0; null where the slide does not tell. */
export function measures(mark: Measured, mpp: Scale | null): Measures {
  const found = FOUND.get(mark);
  if (found !== undefined && found.mpp === mpp) return found.measures;
  const fresh = measured(mark, mpp);
  FOUND.set(mark, { mpp, measures: fresh });
  return fresh;
}

function measured(mark: Measured, mpp: Scale | null): Measures {
  const scale = mpp ?? PIXELS;
  const isMetric = mpp !== null;
  const { points } = mark;
  switch (mark.kind) {
    case "point":
    case "text":
      return { isMetric };
    case "line":
    case "distance":
      return { isMetric, length: pathLength(points, scale) };
    case "angle":
      return { isMetric, ...angleOf(mark, scale) };
    case "rectangle": {
      const box = boxOf(points);
      const [width, height] = [(box.right - box.left) * scale.x, (box.bottom - box.top) * scale.y];
      return { isMetric, area: width * height, perimeter: 2 * (width + height) };
    }
    case "ellipse": {
      const box = boxOf(points);
      return { isMetric, area: ellipseArea(box, scale), perimeter: ellipseLength(box, scale) };
    }
    default:
      return isRing(mark) ? { isMetric, ...ringOf(mark, scale) } : { isMetric, length: pathLength(points, scale) };
  }
}

function angleOf(mark: Measured, scale: Scale): { angle?: number } {
  const [arm, middle, other] = mark.points;
  if (arm === undefined || middle === undefined || other === undefined) return {};
  const degrees = angle(arm, middle, other, scale);
  return degrees === null ? {} : { angle: degrees };
}

function ringOf(mark: Measured, scale: Scale): Omit<Measures, "isMetric"> {
  const holes = mark.holes ?? [];
  const perimeter = ringLength(mark.points, scale) + holes.reduce((sum, hole) => sum + ringLength(hole, scale), 0);
  if (areCrossing([mark.points, ...holes])) return { isCrossing: true, perimeter };
  return {
    area: Math.max(0, ringArea(mark.points, scale) - holes.reduce((sum, hole) => sum + ringArea(hole, scale), 0)),
    perimeter,
  };
}
