// Numbers, sizes and times, as the page's language writes them.

import { language } from "../words/language";

const tongue = language();
const UNITS = [
  ["gigabyte", 1e9],
  ["megabyte", 1e6],
  ["kilobyte", 1e3],
  ["byte", 1],
] as const;

const whole = new Intl.NumberFormat(tongue);
const day = new Intl.DateTimeFormat(tongue, { dateStyle: "medium" });
const moment = new Intl.DateTimeFormat(tongue, { dateStyle: "long", timeStyle: "short" });
const few = new Intl.NumberFormat(tongue, { maximumSignificantDigits: 3 });

export function number(value: number): string {
  return whole.format(value);
}

/** Bytes in the unit that fits them. */
export function fileSize(bytes: number, locale: string = tongue): string {
  const [unit, factor] = UNITS.find(([, factor]) => bytes >= factor) ?? ["byte", 1];
  const format = { style: "unit", unit, maximumFractionDigits: bytes / factor < 100 && factor > 1 ? 1 : 0 } as const;
  return new Intl.NumberFormat(locale, format).format(bytes / factor);
}

export function date(iso: string): string {
  return day.format(new Date(iso));
}

export function dateAndTime(iso: string): string {
  return moment.format(new Date(iso));
}

/** µm a pixel. */
export function micronsPerPixel(mpp: number): string {
  return `${few.format(mpp)} µm/px`;
}

export function pixels(width: number, height: number): string {
  return `${whole.format(width)} × ${whole.format(height)}`;
}
