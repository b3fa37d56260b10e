// A bar of a round length in µm or mm.

import { element } from "../ui/dom";
import type { Pane } from "./pane";

const MAX_BAR_PIXELS = 160;

export interface ScaleBar {
  label: string;
  pixels: number;
}

/** The longest of 1, 2, 5 × 10ⁿ µm that is at most `maxPixels` wide on screen. */
export function scaleBar(micronsPerScreenPixel: number, maxPixels: number): ScaleBar {
  const longest = micronsPerScreenPixel * maxPixels;
  const power = 10 ** Math.floor(Math.log10(longest));
  const microns = [5, 2, 1].map((digit) => digit * power).find((length) => length <= longest) ?? power;
  const label = microns >= 1000 ? `${microns / 1000} mm` : `${Number(microns.toPrecision(1))} µm`;
  return { label, pixels: microns / micronsPerScreenPixel };
}

/** In the pane's corner; none where the slide does not tell how large its pixels are. */
export function addScaleBar(pane: Pane): void {
  const bar = element("div", { class: "scale", hidden: true });
  pane.layer.append(bar);
  pane.moved.on(() => {
    const microns = pane.micronsPerPixel;
    if (microns === null) return;
    const { label, pixels } = scaleBar(microns, MAX_BAR_PIXELS);
    bar.textContent = label;
    bar.style.width = `${pixels}px`;
    bar.hidden = false;
  });
}
