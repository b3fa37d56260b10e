// Figures of slides, as the page's language writes them; wherever slides are listed.

import { language } from "./language";

const whole = new Intl.NumberFormat(language());
const few = new Intl.NumberFormat(language(), { maximumSignificantDigits: 3 });

/** A whole number. */
export function number(value: number): string {
  return whole.format(value);
}

/** A slide's size; `unit` is what the language calls pixels. */
export function pixels(width: number, height: number, unit: string): string {
  return `${whole.format(width)} × ${whole.format(height)} ${unit}`;
}

/** µm a pixel. */
export function micronsPerPixel(mpp: number): string {
  return `${few.format(mpp)} µm/px`;
}
