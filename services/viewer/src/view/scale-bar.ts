// A bar of a round length in nm, µm or mm.

import { element } from "../ui/dom";
import type { Pane } from "./pane";

const MAX_BAR_PIXELS = 160;
/** Of a pane's width, so that it is never cut. */
const MAX_PART = 0.7;

export interface ScaleBar {
  readonly label: string;
  /** CSS pixels. */
  readonly pixels: number;
}

const UNITS = [
  [1_000, "mm"],
  [1, "µm"],
  [0.001, "nm"],
] as const;

/** The longest of 1, 2, 5 × 10ⁿ µm that is at most `maxPixels` wide on screen. */
export function scaleBar(micronsPerScreenPixel: number, maxPixels: number): ScaleBar {
  const longest = micronsPerScreenPixel * maxPixels;
  const power = 10 ** Math.floor(Math.log10(longest));
  const microns = [5, 2, 1].map((digit) => digit * power).find((length) => length <= longest) ?? power;
  const [size, unit] = UNITS.find(([least]) => microns >= least * 0.999) ?? [0.001, "nm"];
  return { label: `${Number((microns / size).toPrecision(1))} ${unit}`, pixels: microns / micronsPerScreenPixel };
}

/** In the pane's corner; none where the slide does not tell how large its pixels are. */
export function addScaleBar(pane: Pane): void {
  const text = element("span");
  const bar = element("div", { class: "scale", hidden: true }, text);
  pane.layer.append(bar);
  pane.moved.on(() => {
    const microns = pane.micronsPerPixel;
    if (microns === null) return;
    const { label, pixels } = scaleBar(microns, Math.min(MAX_BAR_PIXELS, pane.size.width * MAX_PART));
    text.textContent = label;
    bar.style.width = `${pixels}px`;
    bar.hidden = false;
  });
}
