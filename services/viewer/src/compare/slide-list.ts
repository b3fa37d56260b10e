// Slides to choose from: GET /slides.

import { apiFetch, readJson } from "../api/api-fetch";
import { marked } from "../api/mark";
import { withParams } from "../api/metadata";

export interface ListedSlide {
  readonly id: string;
  /** Null for who is not to know names. */
  readonly key: string | null;
  readonly status: string;
  readonly width?: number;
  readonly height?: number;
  readonly mpp?: number;
  readonly version?: string;
}

export interface SlidePage {
  readonly slides: readonly ListedSlide[];
  readonly next: string | null;
}

const LIMIT = 24;
const PATIENCE = { tries: 4, longestWait: 4_000 };
/** The others can't be opened. */
const OPENABLE = new Set(["indexed", "pending"]);

interface Answer {
  readonly details?: readonly ListedSlide[];
  readonly next_cursor?: string;
}

/**
 * One page of the slides whose key holds `search`.
 *
 * @param cursor `next` of the page before.
 * @throws ApiError; whatever `signal` is aborted with.
 */
export async function listSlides(search: string, cursor: string | null, signal: AbortSignal): Promise<SlidePage> {
  const params: Record<string, string> = { details: "1", limit: String(LIMIT) };
  if (search !== "") params["search"] = search;
  if (cursor !== null) params["cursor"] = cursor;
  const response = await apiFetch(withParams("/slides", params), PATIENCE, signal, () => undefined);
  const answer = await readJson<Answer>(response, signal, (body) => typeof body === "object" && body !== null);
  return {
    slides: (answer.details ?? []).filter(({ status }) => OPENABLE.has(status)),
    next: answer.next_cursor ?? null,
  };
}

/** The address of a small picture of it; null where it is not indexed yet. */
export function thumbnailOf(slide: ListedSlide): string | null {
  if (slide.version === undefined) return null;
  return marked(withParams(`/slides/${encodeURIComponent(slide.id)}/thumbnail`, { max_size: "256", v: slide.version }));
}

/** What people call a slide: the last part of its key; null for who is not to know. */
export function nameOf(key: string | null): string | null {
  return key === null ? null : (key.split("/").at(-1) ?? "") || key;
}
