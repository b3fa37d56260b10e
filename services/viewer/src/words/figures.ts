// Figures of slides, as the page's language writes them; wherever slides are listed.

import { numberFormat } from "./number-format";

/** A whole number. */
export function number(value: number): string {
  return numberFormat().format(value);
}

/** A slide's size; `unit` is what the language calls pixels. */
export function pixels(width: number, height: number, unit: string): string {
  return `${numberFormat().format(width)} × ${numberFormat().format(height)} ${unit}`;
}

/** µm a pixel. */
export function micronsPerPixel(mpp: number): string {
  return `${numberFormat({ maximumSignificantDigits: 3 }).format(mpp)} µm/px`;
}
