// Where in the list its user was: kept in the browser's history, so that the way back from a slide leads there.

import type { ViewKind } from "./layout";

export interface Place {
  /** Pixels. */
  readonly top: number;
  /** As many were loaded. */
  readonly slides: number;
}

const KIND = "wsi-list";

export function savePlace(place: Place): void {
  history.replaceState(place, "");
}

export function readPlace(state: unknown = history.state): Place | null {
  if (typeof state !== "object" || state === null || !("top" in state) || !("slides" in state)) return null;
  const { top, slides } = state;
  return typeof top === "number" && typeof slides === "number" && top > 0 ? { top, slides } : null;
}

/** Cards or a table: as chosen last in this browser. */
export function savedKind(): ViewKind {
  try {
    return localStorage.getItem(KIND) === "table" ? "table" : "grid";
  } catch {
    return "grid"; // a browser that keeps nothing
  }
}

export function saveKind(kind: ViewKind): void {
  try {
    localStorage.setItem(KIND, kind);
  } catch {
    // then it is chosen again next time
  }
}
