// Where in the list its user was: kept in the browser's history, so that the way back from a slide leads there.

import type { ViewKind } from "./layout";

export interface Place {
  /** The slide that was looked at, */
  readonly id: string;
  /** and how far its top was below the screen's, in pixels. */
  readonly offset: number;
  /** As many slides were loaded. */
  readonly slides: number;
}

const KIND = "wsi-list";
const FOLDERS = "wsi-folders";

/** Null: at the top. */
export function savePlace(place: Place | null): void {
  history.replaceState(place, "");
}

export function readPlace(state: unknown = history.state): Place | null {
  if (typeof state !== "object" || state === null) return null;
  if (!("id" in state && "offset" in state && "slides" in state)) return null;
  const { id, offset, slides } = state;
  if (typeof id !== "string" || typeof offset !== "number" || typeof slides !== "number") return null;
  return { id, offset, slides };
}

/** Cards or a table: as chosen last in this browser. */
export function savedKind(): ViewKind {
  return kept(KIND) === "table" ? "table" : "grid";
}

export function saveKind(kind: ViewKind): void {
  keep(KIND, kind);
}

/** Whether there were folders last time: their place is kept free, so that nothing moves when they come. */
export function hadFolders(): boolean {
  return kept(FOLDERS) === "1";
}

export function saveFolders(has: boolean): void {
  keep(FOLDERS, has ? "1" : "0");
}

function kept(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // a browser that keeps nothing
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // then it is as if it were the first time
  }
}
