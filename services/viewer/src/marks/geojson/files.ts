// GeoJSON files that come.

import { words } from "../words";
import { ImportError, type Imported, MOST_MARKS, type Problem, type Skipped } from "./geojson-read";

/** Larger ones would take more memory than a browser's page has. */
const MOST_MEGABYTES = 200;

/** @throws Error with a message for the user. */
export async function readText(file: File): Promise<string> {
  if (file.size > MOST_MEGABYTES * 2 ** 20) throw new Error(words.tooLarge(MOST_MEGABYTES));
  try {
    return await file.text();
  } catch {
    throw new Error(words.unreadable);
  }
}

/** What the user reads of the objects that were left out; empty where there are none. */
export function skippedText({ skipped, firstSkipped }: Imported): string {
  return firstSkipped === null ? "" : words.skipped(skipped, firstSkipped.index, FAULTS[firstSkipped.why]);
}

const FAULTS: Readonly<Record<Skipped["why"], string>> = {
  "no-geometry": words.noGeometry,
  "unknown-geometry": words.unknownGeometry,
  "bad-coordinates": words.notPixels,
};

/** What the user reads where a file can't be imported. */
export function problemText(error: unknown): string {
  if (error instanceof ImportError) return textOf(error.problem);
  return error instanceof Error ? error.message : words.unreadable;
}

function textOf(problem: Problem): string {
  switch (problem.why) {
    case "not-json":
      return words.notJson;
    case "not-geojson":
      return words.notGeoJson;
    case "none-inside":
      return words.noneInside;
    case "too-many":
      return words.tooMany(MOST_MARKS);
    case "bad-coordinates":
      return words.badCoordinates(problem.index);
  }
}
