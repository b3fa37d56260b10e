// A slide that can be shown: what it is, and the right to it.

import type { Access } from "./access";
import { type ApiError, apiFetch, hasLists, readJson } from "./api-fetch";
import type { SlideMetadata } from "./metadata";

export interface OpenSlide {
  /** Opaque id; a key while the slide was not indexed when the page was made. */
  readonly id: string;
  /** What people call it. */
  readonly name: string;
  readonly access: Access;
  readonly metadata: SlideMetadata;
}

/** A slide that is not indexed yet is indexed while this asks: some ten seconds each time, then "busy". */
const INDEXING = { tries: 20, longestWait: 5_000 };

/**
 * What GET /slides/{id} tells of a slide.
 *
 * @param onTrouble called after each failed try that is followed by another.
 * @throws ApiError also where the answer tells of no slide.
 */
export async function fetchMetadata(
  id: string,
  access: Access,
  onTrouble: (error: ApiError) => void,
): Promise<SlideMetadata> {
  const url = access.url(`/slides/${encodeURIComponent(id)}`);
  const { signal } = new AbortController();
  return readJson<SlideMetadata>(await apiFetch(url, INDEXING, signal, onTrouble), signal, hasLists("levels"));
}
