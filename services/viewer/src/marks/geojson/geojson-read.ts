// Marks from GeoJSON: this program's, QuPath's, anyone's. The file may be a hostile one: every value is looked at.

import type { Point } from "../../view/point";
import { boxOf } from "../geometry/geometry";
import { hex } from "../model/colour";
import { COLOURS, KINDS, type Kind, type Mark, randomId } from "../model/mark";
import { META } from "./geojson";
import { numbersOf } from "./parts";

export const MOST_MARKS = 100_000;
const MOST_POINTS = 5_000_000;
/** No slide is that large, and beyond it sums lose digits. */
const FARTHEST = 1e8;
const LONGEST_LABEL = 1_000;
const LONGEST_NOTE = 20_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export type Problem =
  | { readonly why: "not-json" | "not-geojson" | "none-inside" | "too-many" }
  | { readonly why: "bad-coordinates"; readonly index: number };

export class ImportError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.why);
  }
}

/** An object that is left out, and why; `index` from 1. */
export interface Skipped {
  readonly why: "no-geometry" | "unknown-geometry" | "bad-coordinates";
  readonly index: number;
}

export interface Imported {
  readonly marks: readonly Mark[];
  /** How many objects are left out. */
  readonly skipped: number;
  /** The first of them. */
  readonly firstSkipped: Skipped | null;
}

type Json = Readonly<Record<string, unknown>>;

/** What can't be used is left out. @throws ImportError where nothing can, or there is too much of it. */
export function readGeoJson(text: string, now: number): Imported {
  let root: unknown;
  try {
    root = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    throw new ImportError({ why: "not-json" });
  }
  const reader = new Reader(now);
  reader.read(featuresOf(root));
  if (reader.marks.size === 0) throw new ImportError(problemOf(reader.firstFault));
  return {
    marks: [...reader.marks.values()],
    skipped: reader.skipped,
    firstSkipped: reader.firstFault ?? reader.firstSkipped,
  };
}

function problemOf(fault: Skipped | null): Problem {
  if (fault === null) return { why: "none-inside" };
  return fault.why === "bad-coordinates" ? { why: fault.why, index: fault.index } : { why: "not-geojson" };
}

/** Geometries of several parts of one kind. */
const MULTI: ReadonlySet<unknown> = new Set(["MultiPoint", "MultiLineString", "MultiPolygon"]);

/** What an object is left out for. */
class Unusable extends Error {
  constructor(readonly why: Skipped["why"]) {
    super(why);
  }
}

/** A collection, a list (as QuPath's scripts write), one object, or a geometry alone. */
function featuresOf(root: unknown): readonly unknown[] {
  if (Array.isArray(root) && root.every((one) => isObject(one) && "type" in one)) return root;
  if (!isObject(root)) throw new ImportError({ why: "not-geojson" });
  if (root["type"] === "FeatureCollection" && Array.isArray(root["features"])) return root["features"];
  if (root["type"] === "Feature") return [root];
  if (typeof root["type"] === "string" && ("coordinates" in root || "geometries" in root)) {
    return [{ type: "Feature", geometry: root, properties: {} }];
  }
  throw new ImportError({ why: "not-geojson" });
}

class Reader {
  readonly marks = new Map<string, Mark>();
  skipped = 0;
  firstSkipped: Skipped | null = null;
  /** The first that has a geometry, and one that can't be used. */
  firstFault: Skipped | null = null;
  #points = 0;
  /** The object that is read, from 1. */
  #index = 0;

  constructor(private readonly now: number) {}

  read(features: readonly unknown[]): void {
    const open = [...features].reverse();
    for (let feature = open.pop(); feature !== undefined; feature = open.pop()) {
      this.#index += 1;
      if (!isObject(feature) || !isObject(feature["geometry"])) {
        this.#skip("no-geometry");
        continue;
      }
      const properties = isObject(feature["properties"]) ? feature["properties"] : {};
      try {
        this.#feature(feature, feature["geometry"], properties);
      } catch (error) {
        if (!(error instanceof Unusable)) throw error;
        this.#skip(error.why);
      }
      const inner = properties["childObjects"];
      if (Array.isArray(inner)) for (const child of inner) open.push(child);
    }
  }

  #skip(why: Skipped["why"]): void {
    const skipped = { why, index: this.#index };
    this.skipped += 1;
    this.firstSkipped ??= skipped;
    if (why !== "no-geometry") this.firstFault ??= skipped;
  }

  #feature(feature: Json, geometry: Json, properties: Json): void {
    const id = typeof feature["id"] === "string" && UUID.test(feature["id"]) ? feature["id"].toLowerCase() : randomId();
    const common = commonOf(properties, this.now);
    const meta = metaOf(properties);
    const shapes = this.#shapes(geometry, meta, 0);
    const isOne = !MULTI.has(geometry["type"]);
    const numbers = numbersOf(isOne ? null : meta[META.parts], shapes.length, MOST_MARKS);
    shapes.forEach((shape, index) => {
      const number = numbers[index] ?? index;
      const own = partId(id, number);
      this.marks.set(own, { id: own, ...shape, ...common, ...(isOne ? {} : { part: { of: id, number } }) });
      if (this.marks.size > MOST_MARKS) throw new ImportError({ why: "too-many" });
    });
  }

  #shapes(geometry: Json, meta: Json, depth: number): Shaped[] {
    const { type, coordinates } = geometry;
    switch (type) {
      case "Point":
        return [{ kind: meta[META.kind] === "text" ? "text" : "point", points: [this.#point(coordinates)] }];
      case "MultiPoint":
        return this.#list(coordinates).map((one) => ({ kind: "point", points: [this.#point(one)] }));
      case "LineString":
        return [this.#line(coordinates, meta)];
      case "MultiLineString":
        return this.#list(coordinates).map((one) => this.#line(one, meta));
      case "Polygon":
        return [this.#polygon(coordinates, meta, geometry["isEllipse"] === true)];
      case "MultiPolygon":
        return this.#list(coordinates).map((one) => this.#polygon(one, meta, false));
      case "GeometryCollection":
        if (depth > 8) throw this.#bad();
        return this.#list(geometry["geometries"]).flatMap((one) =>
          isObject(one) ? this.#shapes(one, meta, depth + 1) : [],
        );
      default:
        throw new Unusable("unknown-geometry");
    }
  }

  #line(coordinates: unknown, meta: Json): Shaped {
    const points = this.#list(coordinates).map((one) => this.#point(one));
    if (points.length < 2) throw this.#bad();
    const kind = kindOf(meta);
    if (kind === "freehand") return { kind, points };
    if (points.length === 2) return { kind: kind === "distance" ? kind : "line", points };
    return { kind: points.length === 3 && kind === "angle" ? kind : "freehand", points };
  }

  #polygon(coordinates: unknown, meta: Json, isEllipse: boolean): Shaped {
    const [outline, ...holes] = this.#list(coordinates).map((one) => this.#ring(one));
    if (outline === undefined) throw this.#bad();
    const { left, top, right, bottom } = boxOf(outline);
    const box = [
      { x: left, y: top },
      { x: right, y: bottom },
    ];
    if (isEllipse) return { kind: "ellipse", points: box };
    const kind = kindOf(meta);
    if (holes.length === 0 && isBox(outline) && (kind === null || kind === "rectangle")) {
      return { kind: "rectangle", points: box };
    }
    const [first, ...rest] = outline;
    if (first === undefined) throw this.#bad();
    const points = [first, ...(meta[META.turned] === "true" ? rest.reverse() : rest)];
    if (kind === "freehand" && holes.length === 0) return { kind, points: [...points, first] };
    return { kind: kind === "area" ? kind : "polygon", points, ...(holes.length === 0 ? {} : { holes }) };
  }

  /** Without the point that closes it. */
  #ring(coordinates: unknown): Point[] {
    const points = this.#list(coordinates).map((one) => this.#point(one));
    const last = points.at(-1);
    if (points.length > 1 && points[0]?.x === last?.x && points[0]?.y === last?.y) points.pop();
    if (points.length < 3) throw this.#bad();
    return points;
  }

  #list(value: unknown): readonly unknown[] {
    if (!Array.isArray(value)) throw this.#bad();
    return value;
  }

  #point(value: unknown): Point {
    const [x, y] = this.#list(value);
    if (!isPlace(x) || !isPlace(y)) throw this.#bad();
    this.#points += 1;
    if (this.#points > MOST_POINTS) throw new ImportError({ why: "too-many" });
    return { x, y };
  }

  #bad(): Unusable {
    return new Unusable("bad-coordinates");
  }
}

type Shaped = Pick<Mark, "kind" | "points" | "holes">;

function commonOf(properties: Json, now: number): Omit<Mark, keyof Shaped | "id" | "part"> {
  const meta = metaOf(properties);
  const classification = classificationOf(properties["classification"]);
  return {
    label: text(properties["name"], LONGEST_LABEL),
    note: text(meta[META.note], LONGEST_NOTE),
    colour: colourOf(properties["color"]) ?? classification?.colour ?? COLOURS[0],
    created: timeOf(meta[META.created]) ?? now,
    changed: timeOf(meta[META.changed]) ?? now,
    ...(classification === null ? {} : { classification: classification.name }),
    ...(properties["isLocked"] === true ? { isLocked: true } : {}),
  };
}

/** {name, color}; {name, colorRGB} of old files; {names} of new ones; a name alone. */
function classificationOf(value: unknown): { name: string; colour: string | null } | null {
  if (typeof value === "string" && value !== "") return { name: text(value, LONGEST_LABEL), colour: null };
  if (!isObject(value)) return null;
  const names = Array.isArray(value["names"]) ? value["names"].filter((one) => typeof one === "string").join(": ") : "";
  const name = text(value["name"], LONGEST_LABEL) || text(names, LONGEST_LABEL);
  return name === "" ? null : { name, colour: colourOf(value["color"] ?? value["colorRGB"]) };
}

/** [r, g, b], or the three in one number, as Java has them. */
function colourOf(value: unknown): string | null {
  if (typeof value === "number" && Number.isInteger(value)) return hex(value >> 16, value >> 8, value);
  if (!Array.isArray(value) || value.length < 3) return null;
  const [red, green, blue] = value;
  const isPart = (part: unknown): part is number => typeof part === "number" && part >= 0 && part <= 255;
  return isPart(red) && isPart(green) && isPart(blue)
    ? hex(Math.round(red), Math.round(green), Math.round(blue))
    : null;
}

function metaOf(properties: Json): Json {
  return isObject(properties["metadata"]) ? properties["metadata"] : {};
}

function kindOf(meta: Json): Kind | null {
  return KINDS.find((kind) => kind === meta[META.kind]) ?? null;
}

function timeOf(value: unknown): number | null {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

function text(value: unknown, longest: number): string {
  return typeof value === "string" ? value.slice(0, longest) : "";
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPlace(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && Math.abs(value) <= FARTHEST;
}

/** Four corners of a box that is not turned. */
function isBox(points: readonly Point[]): boolean {
  const { left, top, right, bottom } = boxOf(points);
  const [a, b, c, d] = points;
  if (points.length !== 4 || a === undefined || b === undefined || c === undefined || d === undefined) return false;
  const isCorner = ({ x, y }: Point): boolean => (x === left || x === right) && (y === top || y === bottom);
  const areOpposite = (one: Point, other: Point): boolean => one.x !== other.x && one.y !== other.y;
  return points.every(isCorner) && areOpposite(a, c) && areOpposite(b, d);
}

/** A geometry of several parts becomes several marks, written as one again; read once more, the same ones. */
function partId(id: string, part: number): string {
  if (part === 0) return id;
  const last = (Number.parseInt(id.slice(-8), 16) ^ part) >>> 0;
  return id.slice(0, -8) + last.toString(16).padStart(8, "0");
}
