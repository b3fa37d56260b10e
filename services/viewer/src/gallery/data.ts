// What the server tells of the list. Names are data, never markup.

import { apiFetch, type Patience, readJson } from "../api/api-fetch";

export type Status = "pending" | "indexed" | "failed" | "unsupported" | "archived";
export const STATUSES: readonly Status[] = ["indexed", "pending", "failed", "unsupported", "archived"];

export interface ListedSlide {
  readonly id: string;
  readonly name: string;
  /** The key up to its last slash, with it; null for those who are not to know names. */
  readonly folder: string | null;
  readonly status: Status;
  readonly error: string | null;
  readonly format: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** Bytes. */
  readonly size: number;
  /** ISO 8601. */
  readonly modified: string | null;
  /** µm a pixel. */
  readonly mpp: number | null;
  readonly objective: number | null;
  /** Its page; null where it is not served. */
  readonly link: string | null;
  readonly thumbnail: string | null;
  readonly access: Record<string, string>;
}

/** Why a list is empty. */
export type Nothing = "unmatched" | "scanning" | "none-yours" | "scan-failed" | "none";

export interface SlidePage {
  readonly slides: readonly ListedSlide[];
  /** The URL of the next page. */
  readonly next: string | null;
  readonly nothing: Nothing | null;
}

/** What stands in the page. */
export interface GalleryPage {
  readonly list: SlidePage;
  /** Whether its user may know what slides are called. */
  readonly names: boolean;
  /** Whether its user may ask for other lists than this one. */
  readonly controls: boolean;
  readonly progress: string;
  readonly user: string | null;
}

export interface Folder {
  /** Ends with a slash. */
  readonly prefix: string;
  readonly name: string;
}

export interface FolderList {
  readonly folders: readonly Folder[];
  readonly more: boolean;
}

export interface Progress {
  readonly scanning: boolean;
  /** Null for those who may not see all slides. */
  readonly counts: Readonly<Record<Status, number>> | null;
}

export function readGalleryPage(): GalleryPage {
  const island = document.getElementById("gallery");
  if (island?.textContent == null) throw new Error("The page holds no list.");
  return JSON.parse(island.textContent) as GalleryPage;
}

const PATIENCE: Patience = { tries: 4, longestWait: 4_000 };

/**
 * JSON from one of the list's routes.
 *
 * @throws ApiError the last try's; whatever `signal` is aborted with.
 */
export async function ask<T>(url: string, signal: AbortSignal): Promise<T> {
  const response = await apiFetch(url, PATIENCE, signal, () => {}, { accept: "application/json" });
  return readJson<T>(response, signal, (body) => typeof body === "object" && body !== null);
}
