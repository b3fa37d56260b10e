// A mark: what someone has drawn on a slide.

import type { Point } from "../../view/point";
import { boxOf } from "../geometry/geometry";

export const KINDS = [
  "distance",
  "area",
  "angle",
  "point",
  "line",
  "rectangle",
  "ellipse",
  "polygon",
  "freehand",
  "text",
] as const;

export type Kind = (typeof KINDS)[number];

export interface Mark {
  /** A UUID. */
  readonly id: string;
  readonly kind: Kind;
  /**
   * Pixels of level 0. Rectangle and ellipse: the box's left top and right bottom. Angle: arm, middle, arm.
   * Freehand: an outline where its last point is its first, else a line.
   */
  readonly points: readonly Point[];
  /** Only of polygons. */
  readonly holes?: readonly (readonly Point[])[];
  /** What stands beside it. */
  readonly label: string;
  /** What stands in the panel only. */
  readonly note: string;
  /** What another program has it as ("Tumor"), told back to it. */
  readonly classification?: string;
  /** Another program's user doesn't want it moved. */
  readonly isLocked?: boolean;
  /** Of another program's object with several parts, by that object's id: which of them it is. */
  readonly part?: { readonly of: string; readonly number: number };
  /** #rrggbb */
  readonly colour: string;
  /** ms since 1970. */
  readonly created: number;
  readonly changed: number;
}

/** Each is told from pink, purple and white. */
export const COLOURS = ["#0a8f3c", "#1c5bd8", "#d9202e", "#ffd43b", "#00b8d9", "#111111"] as const;

/** How many points it takes; null: as many as one likes. */
export const POINTS: Readonly<Record<Kind, number | null>> = {
  distance: 2,
  area: null,
  angle: 3,
  point: 1,
  line: 2,
  rectangle: 2,
  ellipse: 2,
  polygon: null,
  freehand: null,
  text: 1,
};

/** Fewer are nothing. */
export function leastPoints(kind: Kind): number {
  return POINTS[kind] ?? (kind === "freehand" ? 2 : 3);
}

/** Kinds that two corners of a box tell. */
export function isBox(kind: Kind): boolean {
  return kind === "rectangle" || kind === "ellipse";
}

/** Kinds whose points go round. */
export function isRing(mark: Pick<Mark, "kind" | "points">): boolean {
  if (mark.kind === "freehand") return isClosed(mark.points);
  return mark.kind === "area" || mark.kind === "polygon";
}

/** Whether the last point is the first. */
export function isClosed(points: readonly Point[]): boolean {
  const first = points[0];
  const last = points.at(-1);
  return points.length > 3 && first !== undefined && last !== undefined && first.x === last.x && first.y === last.y;
}

export function newMark(kind: Kind, points: readonly Point[], colour: string, now: number): Mark {
  return {
    id: randomId(),
    kind,
    points: inOrder(kind, points),
    label: "",
    note: "",
    colour,
    created: now,
    changed: now,
  };
}

/** The points of a kind as a mark has them, from those drawn. */
export function inOrder(kind: Kind, points: readonly Point[]): readonly Point[] {
  if (!isBox(kind)) return points;
  const { left, top, right, bottom } = boxOf(points);
  return [
    { x: left, y: top },
    { x: right, y: bottom },
  ];
}

/** A random UUID. `crypto.randomUUID` is missing on pages that came by plain http. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
