// What the page says, in each language. Phrases stand beside the code that says them, in a file `words.ts` of its folder.

import { type Language, language } from "./language";

type Phrase = string | ((...values: never[]) => string);

/** The same phrases, and functions with the same values. */
type Same<P> = { [K in keyof P]: P[K] extends string ? string : P[K] };

/** Those of the page's language; the compiler sees to it that none is missing in another. */
export function phrases<P extends Record<string, Phrase>>(
  all: { en: P; ja: Same<P> },
  chosen: Language = language(),
): Same<P> {
  return chosen === "ja" ? all.ja : (all.en as Same<P>);
}
