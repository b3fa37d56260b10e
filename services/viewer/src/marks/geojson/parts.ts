// Objects of several parts (MultiPolygon and its like): a mark each on the slide, one object in a file.

import type { Mark } from "../model/mark";
import type { Geometry } from "./geojson";

/** Marks that one object of a file is made of. */
export type Parts = readonly [Mark, ...Mark[]];

/** In the order of their first marks. Parts that differ in more than their shape by now are objects of their own. */
export function objectsOf(marks: Iterable<Mark>): Parts[] {
  const objects = new Map<string, [Mark, ...Mark[]]>();
  for (const mark of marks) {
    const key = mark.part?.of ?? mark.id;
    const object = objects.get(key);
    if (object === undefined) objects.set(key, [mark]);
    else object.push(mark);
  }
  return [...objects.values()].flatMap((parts): Parts[] => {
    const [first, ...rest] = parts;
    return rest.every((other) => said(other) === said(first)) ? [parts] : parts.map((one) => [apart(one)]);
  });
}

/** All that an object has once, whatever its parts. */
function said({ label, note, classification, isLocked, colour }: Mark): string {
  return JSON.stringify([label, note, classification, isLocked === true, colour]);
}

function apart(mark: Mark): Mark {
  const { part: _, ...rest } = mark;
  return rest;
}

/** One geometry of several, which are of one type. */
export function joined(parts: readonly Geometry[]): Geometry {
  const polygons = parts.filter((part) => part.type === "Polygon");
  if (polygons.length > 0) return { type: "MultiPolygon", coordinates: polygons.map((one) => one.coordinates) };
  const lines = parts.filter((part) => part.type === "LineString");
  if (lines.length > 0) return { type: "MultiLineString", coordinates: lines.map((one) => one.coordinates) };
  const points = parts.filter((part) => part.type === "Point");
  return { type: "MultiPoint", coordinates: points.map((one) => one.coordinates) };
}

/** Which parts an object still has, for its metadata. */
export function numbersText(parts: Parts): string {
  return parts.map(({ part }) => part?.number ?? 0).join(",");
}

/** The same, read; where that isn't told, or isn't true, all in their order. */
export function numbersOf(text: unknown, count: number, most: number): readonly number[] {
  const numbers = typeof text === "string" ? text.split(",").map(Number) : [];
  const isTrue =
    numbers.length === count &&
    new Set(numbers).size === count &&
    numbers.every((one) => Number.isInteger(one) && one >= 0 && one < most);
  return isTrue ? numbers : Array.from({ length: count }, (_, i) => i);
}
