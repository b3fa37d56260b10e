// What marks look like on a screen: lines, dots and labels, for whatever draws them.

import type { Point } from "../../view/point";
import { type Box, boxOf, touches } from "../geometry/geometry";
import type { Mark } from "../model/mark";
import { type Projection, project, projectBox } from "./projection";
import type { Line, Shape } from "./shape";

/** A mark, or all dots of a colour, as an SVG path in screen coordinates. */
export interface Stroke {
  readonly colour: string;
  readonly path: string;
  /** The selected mark, or the one that is being drawn. */
  readonly isStrong: boolean;
}

export interface Label {
  readonly id: string;
  readonly text: string;
  /** The middle of its lower edge. */
  readonly at: Point;
}

export interface Drawing {
  readonly strokes: readonly Stroke[];
  readonly labels: readonly Label[];
  /** Marks in view. */
  readonly count: number;
}

/** A mark with what does not change from frame to frame. */
export interface Drawn {
  readonly mark: Mark;
  readonly shape: Shape;
  readonly text: string;
  readonly isStrong: boolean;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What is smaller on the screen is drawn as a dot, and has no label. */
const SMALLEST = 4;
/** Dots nearer to each other than this are one. */
const DOT_CELL = 4;
const POINT_RADIUS = 6;
const TICK = 6;
/** Lines reach this far beyond the edge. */
const MARGIN = 20;
/** More can't be read. */
const MOST_LABELS = 150;
const LABEL_HEIGHT = 18;
const LABEL_GAP = 6;
/** A label's lower edge from what it belongs to: above, below, and a line further each. */
const LABEL_PLACES = [
  -LABEL_GAP,
  LABEL_HEIGHT + LABEL_GAP,
  -LABEL_HEIGHT - 2 - LABEL_GAP,
  2 * LABEL_HEIGHT + 2 + LABEL_GAP,
];

/** Those in view. Labels come first for the first marks: give the important ones first. */
export function drawing(marks: Iterable<Drawn>, projection: Projection, size: Size): Drawing {
  const view = { left: -MARGIN, top: -MARGIN, right: size.width + MARGIN, bottom: size.height + MARGIN };
  const paths = new Map<string, { colour: string; isStrong: boolean; parts: string[] }>();
  const dots = new Set<string>();
  const labels = new Labels();
  let count = 0;
  for (const { mark, shape, text, isStrong } of marks) {
    const box = projectBox(projection, shape.box);
    if (!touches(box, view)) continue;
    count += 1;
    const isPoint = mark.points.length === 1;
    const isDot = !isPoint && Math.max(box.right - box.left, box.bottom - box.top) < SMALLEST;
    // a path each: a browser paints one of thousands of lines, which reaches over all the screen, much slower
    const key = isDot ? `${mark.colour} ${isStrong}` : mark.id;
    const { parts } = paths.get(key) ?? { parts: [] as string[] };
    paths.set(key, { colour: mark.colour, isStrong, parts });
    if (isDot) {
      const cell = `${Math.round(box.left / DOT_CELL)},${Math.round(box.top / DOT_CELL)}`;
      if (!dots.has(cell)) parts.push(dot({ x: box.left, y: box.top }));
      dots.add(cell);
      continue;
    }
    if (isPoint) parts.push(pointPath(mark, { x: box.left, y: box.top }));
    else for (const line of shape.lines) parts.push(linePath(line, projection));
    if (mark.kind === "distance") parts.push(ticks(mark.points, projection));
    if (mark.kind === "angle") parts.push(arc(mark.points, projection));
    if (text !== "" && labels.hasRoom) labels.place(mark.id, text, labelPlace(mark, shape, text, projection, size));
  }
  const strokes = [...paths.values()].map(({ colour, isStrong, parts }) => ({
    colour,
    isStrong,
    path: parts.join(""),
  }));
  strokes.sort((a, b) => Number(a.isStrong) - Number(b.isStrong)); // the strong above
  return { strokes, labels: labels.placed, count };
}

function number(value: number): string {
  return value.toFixed(1);
}

function dot({ x, y }: Point): string {
  return `M${number(x)} ${number(y)}h.1`;
}

function circle({ x, y }: Point, radius: number): string {
  return `M${number(x - radius)} ${number(y)}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0`;
}

/** A ring around a place, and a dot in it; of a text only the dot. */
function pointPath(mark: Mark, at: Point): string {
  return mark.kind === "text" ? dot(at) : circle(at, POINT_RADIUS) + dot(at);
}

/** Without points that fall on the same pixel as the one before. */
function linePath({ points, isClosed }: Line, projection: Projection): string {
  const { a, b, c, d, e, f } = projection;
  let [path, lastX, lastY] = ["", Infinity, Infinity];
  for (let i = 0; i < points.length; i += 1) {
    const point = points[i] as Point;
    const x = a * point.x + c * point.y + e;
    const y = b * point.x + d * point.y + f;
    if (Math.abs(x - lastX) + Math.abs(y - lastY) < 0.7 && i < points.length - 1) continue;
    path += `${path === "" ? "M" : "L"}${number(x)} ${number(y)}`;
    [lastX, lastY] = [x, y];
  }
  return path + (isClosed ? "Z" : "");
}

/** Across both ends of a distance: they show where it begins. */
function ticks(points: readonly Point[], projection: Projection): string {
  const [a, b] = points.map((point) => project(projection, point));
  if (a === undefined || b === undefined) return "";
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  if (length === 0) return "";
  const across = { x: (-(b.y - a.y) / length) * TICK, y: ((b.x - a.x) / length) * TICK };
  return [a, b]
    .map(
      (end) =>
        `M${number(end.x - across.x)} ${number(end.y - across.y)}l${number(2 * across.x)} ${number(2 * across.y)}`,
    )
    .join("");
}

/** From arm to arm, near the middle of an angle. */
function arc(points: readonly Point[], projection: Projection): string {
  const [a, middle, b] = points.map((point) => project(projection, point));
  if (a === undefined || middle === undefined || b === undefined) return "";
  const [one, other] = [a, b].map((arm) => ({ x: arm.x - middle.x, y: arm.y - middle.y }));
  if (one === undefined || other === undefined) return "";
  const radius = Math.min(24, Math.hypot(one.x, one.y), Math.hypot(other.x, other.y));
  if (radius < 1) return "";
  const on = (arm: Point): string => {
    const share = radius / Math.hypot(arm.x, arm.y);
    return `${number(middle.x + arm.x * share)} ${number(middle.y + arm.y * share)}`;
  };
  const sweep = one.x * other.y - one.y * other.x > 0 ? 1 : 0;
  return `M${on(one)}A${number(radius)} ${number(radius)} 0 0 ${sweep} ${on(other)}`;
}

/** Beside what is seen of a line, outside an angle at its point, above all else; where that is out of sight, within. */
function labelPlace(mark: Mark, shape: Shape, text: string, projection: Projection, size: Size): Point {
  const [a, b] = mark.points.slice(0, 2).map((point) => project(projection, point));
  if (a === undefined) return { x: 0, y: 0 };
  if (b === undefined) return { x: a.x, y: a.y - POINT_RADIUS };
  if (mark.kind === "distance" || mark.kind === "line") return middleSeen(a, b, size);
  if (mark.kind === "angle") return outsideAngle(a, b, project(projection, mark.points[2] ?? b), text);
  // of its points, not of its box: a box that is turned is larger
  const box = boxOf((shape.lines[0]?.points ?? []).map((point) => project(projection, point)));
  return {
    x: (Math.max(box.left, 0) + Math.min(box.right, size.width)) / 2,
    y: Math.max(box.top, Math.min(box.bottom, 2 * LABEL_HEIGHT)),
  };
}

/** Where the label touches no arm: the arms' middle is on its other side. */
function outsideAngle(arm: Point, middle: Point, other: Point, text: string): Point {
  const [one, two] = [arm, other].map((end) => {
    const length = Math.hypot(end.x - middle.x, end.y - middle.y) || 1;
    return { x: (end.x - middle.x) / length, y: (end.y - middle.y) / length };
  }) as [Point, Point];
  const away = { x: -(one.x + two.x), y: -(one.y + two.y) };
  const length = Math.hypot(away.x, away.y);
  // of a straight angle either side will do
  const { x, y } = length < 0.1 ? { x: one.y, y: -one.x } : { x: away.x / length, y: away.y / length };
  const far = Math.abs(x) * halfWidth(text) + (Math.abs(y) * LABEL_HEIGHT) / 2 + LABEL_GAP;
  return { x: middle.x + x * far, y: middle.y + y * far + LABEL_HEIGHT / 2 + LABEL_GAP };
}

/** The middle of that part of a line that is in view; of all of it, where none is. */
function middleSeen(a: Point, b: Point, { width, height }: Size): Point {
  const along = { x: b.x - a.x, y: b.y - a.y };
  let [from, to] = [0, 1];
  for (const [start, step, end] of [
    [a.x, along.x, width],
    [a.y, along.y, height],
  ] as const) {
    if (step === 0) continue;
    const [one, other] = [-start / step, (end - start) / step];
    from = Math.max(from, Math.min(one, other));
    to = Math.min(to, Math.max(one, other));
  }
  const middle = from < to ? (from + to) / 2 : 0.5;
  return { x: a.x + middle * along.x, y: a.y + middle * along.y };
}

/** Labels that don't cover each other. */
class Labels {
  readonly placed: Label[] = [];
  readonly #boxes: Box[] = [];

  get hasRoom(): boolean {
    return this.placed.length < MOST_LABELS;
  }

  /** Where nothing is yet, near the place; else it has none. */
  place(id: string, text: string, { x, y }: Point): void {
    const half = halfWidth(text);
    for (const by of LABEL_PLACES) {
      const box = { left: x - half, top: y + by - LABEL_HEIGHT, right: x + half, bottom: y + by };
      if (this.#boxes.some((other) => touches(box, other))) continue;
      this.#boxes.push(box);
      this.placed.push({ id, text, at: { x, y: y + by } });
      return;
    }
  }
}

/** CSS pixels; letters of the East are twice as wide. */
function halfWidth(text: string): number {
  return [...text].reduce((width, sign) => width + (sign.charCodeAt(0) > 0x2e80 ? 6.5 : 4), 0);
}
