// Formats of numbers in the page's language, each made when it is first wanted: that takes a millisecond or more.

import { language } from "./language";

const made = new Map<string, Intl.NumberFormat>();

export function numberFormat(options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  const key = JSON.stringify(options);
  let format = made.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(language(), options);
    made.set(key, format);
  }
  return format;
}
