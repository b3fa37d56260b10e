// The language of the page. The server chooses it by what the browser says that its user reads.

export type Language = "en" | "ja";

/** What the server wrote into the page's `lang`. */
export function language(): Language {
  return typeof document !== "undefined" && document.documentElement.lang === "ja" ? "ja" : "en";
}
