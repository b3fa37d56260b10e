// Marks as GeoJSON that QuPath opens.

import type { Point } from "../../view/point";
import { boxOf, corners, ellipsePoints, type Scale, signedArea } from "../geometry/geometry";
import { rgb } from "../model/colour";
import { isClosed, isRing, type Mark } from "../model/mark";
import { measures } from "../model/measure";
import type { Feature, FeatureCollection, Geometry, Position } from "./geojson";
import { META } from "./geojson";
import { joined, numbersText, objectsOf, type Parts } from "./parts";

const ELLIPSE_POINTS = 96;

/** @param mpp µm a pixel, for the measurements that stand in the file; null: they are in px. */
export function toGeoJson(marks: Iterable<Mark>, mpp: Scale | null): FeatureCollection {
  return { type: "FeatureCollection", features: objectsOf(marks).map((parts) => feature(parts, mpp)) };
}

function feature(parts: Parts, mpp: Scale | null): Feature {
  const [mark] = parts;
  const color = rgb(mark.colour);
  const { classification } = mark;
  const isOne = mark.part === undefined;
  const isTurned = isOne && isRing(mark) && signedArea(mark.points) < 0;
  const isOfOneKind = parts.every(({ kind }) => kind === mark.kind);
  return {
    type: "Feature",
    id: mark.part?.of ?? mark.id,
    geometry: isOne ? geometry(mark) : joined(parts.map(geometry)),
    properties: {
      objectType: "annotation",
      // QuPath takes null for an error: what there is none of is left out
      ...(mark.label === "" ? {} : { name: mark.label }),
      color,
      ...(classification === undefined ? {} : { classification: { name: classification, color } }),
      ...(mark.isLocked === true ? { isLocked: true } : {}),
      measurements: isOne ? measurements(mark, mpp) : {},
      metadata: {
        ...(mark.note === "" ? {} : { [META.note]: mark.note }),
        ...(isOfOneKind ? { [META.kind]: mark.kind } : {}),
        [META.created]: new Date(mark.created).toISOString(),
        [META.changed]: new Date(Math.max(...parts.map(({ changed }) => changed))).toISOString(),
        ...(isOne ? {} : { [META.parts]: numbersText(parts) }),
        ...(isTurned ? { [META.turned]: "true" } : {}),
      },
    },
  };
}

function geometry(mark: Mark): Geometry {
  const { kind, points } = mark;
  const [first] = points;
  if ((kind === "point" || kind === "text") && first !== undefined)
    return { type: "Point", coordinates: position(first) };
  const box = boxOf(points);
  if (kind === "rectangle") return { type: "Polygon", coordinates: [ring(corners(box), 1)] };
  if (kind === "ellipse") return { type: "Polygon", coordinates: [ring(exactEllipse(points), 1)], isEllipse: true };
  if (!isRing(mark)) return { type: "LineString", coordinates: points.map(position) };
  const outline = isClosed(points) ? points.slice(0, -1) : points;
  const holes = (mark.holes ?? []).map((hole) => ring(hole, -1));
  return { type: "Polygon", coordinates: [ring(outline, 1), ...holes] };
}

/** Its four outermost points are on the box to the last digit: the box can be had from them again. */
function exactEllipse(points: readonly Point[]): Point[] {
  const { left, top, right, bottom } = boxOf(points);
  const all = ellipsePoints({ left, top, right, bottom }, ELLIPSE_POINTS);
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const outermost = [
    { x: right, y },
    { x, y: bottom },
    { x: left, y },
    { x, y: top },
  ];
  return all.map((point, i) =>
    i % (ELLIPSE_POINTS / 4) === 0 ? (outermost[(4 * i) / ELLIPSE_POINTS] ?? point) : point,
  );
}

/** Closed, and turning as RFC 7946 wants it: rings one way (`sense` 1), holes the other. The first point stays first. */
function ring(points: readonly Point[], sense: 1 | -1): Position[] {
  const [first, ...rest] = points;
  if (first === undefined) return [];
  if (signedArea(points) * sense < 0) rest.reverse();
  return [first, ...rest, first].map(position);
}

function position({ x, y }: Point): Position {
  return [x, y];
}

/** By QuPath's names. */
function measurements(mark: Mark, mpp: Scale | null): Record<string, number> {
  const { length, area, perimeter, angle, isMetric } = measures(mark, mpp);
  const unit = isMetric ? "µm" : "px";
  return Object.fromEntries(
    [
      [`Length ${unit}`, length],
      [`Area ${unit}^2`, area],
      [`Perimeter ${unit}`, perimeter],
      ["Angle °", angle],
    ].filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}
