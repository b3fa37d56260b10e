// Marks painted on a canvas, as they are drawn over a pane: for a picture of the view.

import { edgeOf } from "../model/colour";
import type { Mark } from "../model/mark";
import { widths } from "./overlay";
import type { PaneMarks } from "./pane-marks";

/** In CSS pixels from the pane's corner: scale the context where its canvas has more. */
export function paintMarks(context: CanvasRenderingContext2D, shown: PaneMarks, marks: Iterable<Mark>): void {
  const picture = shown.drawing(marks);
  if (picture === null) return;
  context.save();
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const { path, colour, isStrong } of picture.strokes) {
    const line = new Path2D(path);
    const { line: width, edge } = widths(isStrong);
    context.lineWidth = edge;
    context.strokeStyle = edgeOf(colour);
    context.stroke(line);
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke(line);
  }
  context.font = "600 13px system-ui, sans-serif";
  context.textAlign = "center";
  context.lineWidth = 4;
  context.strokeStyle = "#ffffff";
  context.fillStyle = "#111111";
  for (const { text, at } of picture.labels) {
    context.strokeText(text, at.x, at.y);
    context.fillText(text, at.x, at.y);
  }
  context.restore();
}
