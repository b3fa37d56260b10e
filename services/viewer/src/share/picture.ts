// What panes show, as one picture: pixels of the screen, with marks and scale, and without controls. No name is in it.

import type { Pane } from "../view/pane";
import { scaleBar } from "../view/scale-bar";
import { adjust } from "./adjust";

/** What else is in the picture; both are other features'. */
export interface Extras {
  /** Shown values for the stored values 0 to 255, for each colour; null: they are shown as they are. */
  lut(pane: Pane): Uint8Array | null;
  /** In CSS pixels from the pane's corner. */
  drawMarks(context: CanvasRenderingContext2D, pane: Pane): void;
}

export const NO_EXTRAS: Extras = { lut: () => null, drawMarks: () => undefined };

const MARGIN = 12;
const LONGEST_BAR = 160;

/** As they stand on the screen, at the device's resolution. @throws Error where the browser gives no canvas. */
export function pictureOf(panes: readonly Pane[], extras: Extras): HTMLCanvasElement {
  const boxes = panes.map((pane) => pane.layer.getBoundingClientRect());
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  const right = Math.max(...boxes.map((box) => box.right));
  const bottom = Math.max(...boxes.map((box) => box.bottom));
  const ratio = window.devicePixelRatio;
  const { canvas, context } = newCanvas(Math.round((right - left) * ratio), Math.round((bottom - top) * ratio));
  for (const [index, pane] of panes.entries()) {
    const box = boxes[index];
    if (box === undefined) continue;
    const x = Math.round((box.left - left) * ratio);
    const y = Math.round((box.top - top) * ratio);
    context.setTransform(1, 0, 0, 1, x, y);
    context.drawImage(slideOf(pane, Math.round(box.width * ratio), Math.round(box.height * ratio), extras), 0, 0);
    context.setTransform(ratio, 0, 0, ratio, x, y);
    context.save();
    context.beginPath();
    context.rect(0, 0, box.width, box.height);
    context.clip();
    extras.drawMarks(context, pane);
    context.restore();
    drawScale(context, pane, box.height);
  }
  return canvas;
}

/** PNG. @throws Error where the browser can't make one. */
export function pngOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error("no PNG")) : resolve(blob)), "image/png");
  });
}

function slideOf(pane: Pane, width: number, height: number, extras: Extras): HTMLCanvasElement {
  const { canvas, context } = newCanvas(width, height);
  const drawn = pane.viewer.drawer.canvas as HTMLCanvasElement;
  context.drawImage(drawn, 0, 0, drawn.width, drawn.height, 0, 0, width, height);
  const lut = extras.lut(pane);
  if (lut !== null) {
    const pixels = context.getImageData(0, 0, width, height);
    adjust(pixels.data, lut);
    context.putImageData(pixels, 0, 0);
  }
  // The ground beside a slide is white as on the screen, whatever its colours are changed to.
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  return canvas;
}

/** Dark on a light ground, whatever the theme: a picture has none. */
function drawScale(context: CanvasRenderingContext2D, pane: Pane, height: number): void {
  const microns = pane.micronsPerPixel;
  if (microns === null) return;
  const { label, pixels } = scaleBar(microns, LONGEST_BAR);
  const bottom = height - MARGIN;
  context.font = "13px system-ui, sans-serif";
  context.textAlign = "center";
  context.fillStyle = "rgb(255 255 255 / 85%)";
  const around = Math.max(pixels, context.measureText(label).width);
  context.fillRect(MARGIN - 4, bottom - 24, around + 8, 28);
  context.fillStyle = "#000";
  context.fillText(label, MARGIN + around / 2, bottom - 9);
  const start = MARGIN + (around - pixels) / 2;
  context.fillRect(start, bottom - 2, pixels, 2);
  context.fillRect(start, bottom - 7, 2, 7);
  context.fillRect(start + pixels - 2, bottom - 7, 2, 7);
}

function newCanvas(width: number, height: number): { canvas: HTMLCanvasElement; context: CanvasRenderingContext2D } {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  return { canvas, context };
}
