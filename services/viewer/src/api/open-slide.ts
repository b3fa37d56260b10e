// A slide that can be shown: what it is, and the right to it.

import type { Access } from "./access";
import { type ApiError, apiFetch } from "./api-fetch";
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
 * @throws ApiError
 */
export async function fetchMetadata(
  id: string,
  access: Access,
  onTrouble: (error: ApiError) => void,
): Promise<SlideMetadata> {
  const url = access.url(`/slides/${encodeURIComponent(id)}`);
  const response = await apiFetch(url, INDEXING, new AbortController().signal, onTrouble);
  return (await response.json()) as SlideMetadata;
}
