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
  /** Null: these were the last. */
  readonly next: Continuation | null;
}

/** Where a list goes on: in the list of one status, behind a cursor (null: from its beginning). */
export interface Continuation {
  readonly status: Openable;
  readonly cursor: string | null;
}

const LIMIT = 24;
const PATIENCE = { tries: 4, longestWait: 4_000 };
/** The others can't be opened, and whole pages may be theirs: so the server is asked for these alone, one after the other. One
 * that waits is indexed when it is opened. */
const OPENABLE = ["indexed", "pending"] as const;
type Openable = (typeof OPENABLE)[number];

interface Answer {
  readonly details?: readonly ListedSlide[];
  readonly next_cursor?: string;
}

/**
 * Slides that can be opened and whose key holds `search`: at least a page of them, as far as there are so many.
 *
 * @param from `next` of the page before; null: from the beginning.
 * @throws ApiError; whatever `signal` is aborted with.
 */
export async function listSlides(search: string, from: Continuation | null, signal: AbortSignal): Promise<SlidePage> {
  const slides: ListedSlide[] = [];
  let next: Continuation | null = from ?? { status: OPENABLE[0], cursor: null };
  while (next !== null && slides.length < LIMIT) {
    const answer: Answer = await ask(search, next, signal);
    slides.push(...(answer.details ?? []));
    next = goesOn(next.status, answer.next_cursor ?? null);
  }
  return { slides, next };
}

async function ask(search: string, { status, cursor }: Continuation, signal: AbortSignal): Promise<Answer> {
  const params: Record<string, string> = { details: "1", limit: String(LIMIT), status };
  if (search !== "") params["search"] = search;
  if (cursor !== null) params["cursor"] = cursor;
  const response = await apiFetch(withParams("/slides", params), PATIENCE, signal, () => undefined);
  return readJson<Answer>(response, signal, (body) => typeof body === "object" && body !== null);
}

function goesOn(status: Openable, cursor: string | null): Continuation | null {
  if (cursor !== null) return { status, cursor };
  const following = OPENABLE[OPENABLE.indexOf(status) + 1];
  return following === undefined ? null : { status: following, cursor: null };
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
