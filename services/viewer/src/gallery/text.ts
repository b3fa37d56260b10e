// Sizes of files and times, as the page's language writes them.

import { language } from "../words/language";
import { numberFormat } from "../words/number-format";
import { words } from "./words";

const tongue = language();
/** Written alike in all languages: `Intl` has "kB" in one and "KB" in another. */
const UNITS = [
  ["GB", 1e9],
  ["MB", 1e6],
  ["kB", 1e3],
] as const;

const day = new Intl.DateTimeFormat(tongue, { dateStyle: "medium" });
const moment = new Intl.DateTimeFormat(tongue, { dateStyle: "long", timeStyle: "short" });

/** Bytes in the unit that fits them. */
export function fileSize(bytes: number): string {
  const found = UNITS.find(([, factor]) => bytes >= factor);
  if (found === undefined) return words.bytes(bytes);
  const [unit, factor] = found;
  const maximumFractionDigits = bytes / factor < 100 ? 1 : 0;
  return `${numberFormat({ maximumFractionDigits }).format(bytes / factor)} ${unit}`;
}

export function date(iso: string): string {
  return day.format(new Date(iso));
}

export function dateAndTime(iso: string): string {
  return moment.format(new Date(iso));
}
