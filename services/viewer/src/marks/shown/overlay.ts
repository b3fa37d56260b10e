// Draws marks over a pane, as SVG.

import { setAttributes, svgElement } from "../../ui/dom";
import type { Point } from "../../view/point";
import { edgeOf } from "../model/colour";
import type { Drawing, Label, Stroke } from "./drawing";

const LINE = 2;
const STRONG_LINE = 3.5;
const EDGE = 3;

/** The widths of a stroke and of the edge under it. */
export function widths(isStrong: boolean): { line: number; edge: number } {
  const line = isStrong ? STRONG_LINE : LINE;
  return { line, edge: line + EDGE };
}

export class Overlay {
  readonly #edges = svgElement("g");
  readonly #lines = svgElement("g");
  readonly #handles = svgElement("g", { class: "mark-handles" });
  readonly #labels = svgElement("g", { class: "mark-labels" });
  readonly #cross = svgElement("path", { class: "mark-cross", visibility: "hidden" });
  /** Not for screen readers: the panel lists the marks. */
  readonly element = svgElement(
    "svg",
    { class: "marks", "aria-hidden": "true" },
    this.#edges,
    this.#lines,
    this.#handles,
    this.#labels,
    this.#cross,
  );

  draw({ strokes, labels }: Drawing, handles: readonly Point[]): void {
    resize(this.#edges, strokes.length, () => svgElement("path"));
    resize(this.#lines, strokes.length, () => svgElement("path"));
    strokes.forEach((stroke, i) => {
      drawStroke(stroke, this.#edges.children[i], this.#lines.children[i]);
    });
    resize(this.#labels, labels.length, () => svgElement("text"));
    labels.forEach((label, i) => {
      drawLabel(label, this.#labels.children[i]);
    });
    resize(this.#handles, handles.length, () => svgElement("circle", { r: 5 }));
    handles.forEach(({ x, y }, i) => {
      const circle = this.#handles.children[i];
      if (circle !== undefined) setAttributes(circle, { cx: x.toFixed(1), cy: y.toFixed(1) });
    });
  }

  /** Where Enter sets a point; null: not shown. */
  cross(at: Point | null): void {
    const d = at === null ? "" : `M${at.x - 14} ${at.y}h10m8 0h10M${at.x} ${at.y - 14}v10m0 8v10`;
    setAttributes(this.#cross, { visibility: at === null ? "hidden" : "visible", d });
  }
}

function drawStroke({ colour, path, isStrong }: Stroke, edge: Element | undefined, line: Element | undefined): void {
  if (edge === undefined || line === undefined) return;
  const width = widths(isStrong);
  setAttributes(edge, { d: path, stroke: edgeOf(colour), "stroke-width": width.edge });
  setAttributes(line, { d: path, stroke: colour, "stroke-width": width.line });
}

function drawLabel({ text, at }: Label, into: Element | undefined): void {
  if (into === undefined) return;
  setAttributes(into, { x: at.x.toFixed(1), y: at.y.toFixed(1) });
  if (into.textContent !== text) into.textContent = text;
}

/** As many children as that: those there are stay, since making elements is what takes time. */
function resize(group: Element, count: number, make: () => Element): void {
  while (group.children.length > count) group.lastElementChild?.remove();
  while (group.children.length < count) group.append(make());
}
