import { brokenOff, errorSentence, unreachable, unreadable } from "./error-words";
import { marked } from "./mark";

/** An answer that is an error, or none at all. */
export class ApiError extends Error {
  constructor(
    message: string,
    /** HTTP status; 0 where no answer came. */
    readonly status: number,
    /** Seconds the server asks to wait. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }
}

export interface Patience {
  /** Tries in all. */
  readonly tries: number;
  /** Longest wait between two tries, in milliseconds. */
  readonly longestWait: number;
}

const FIRST_WAIT = 500;

/** A damaged tile stays damaged: an error of the server itself is soon believed. */
const TRIES_OF_500 = 3;

/** Statuses that may be another when asked again; 0 is a lost connection. */
const PASSING = new Set([0, 409, 429, 500, 502, 503, 504]);

/** Milliseconds to wait after a failed try (counted from 1): doubling, jittered, never less than the server asks. */
export function waitAfter(attempt: number, error: ApiError, longest: number, random: () => number): number {
  const backOff = Math.min(longest, FIRST_WAIT * 2 ** (attempt - 1)) * (0.5 + random() / 2);
  return Math.max(backOff, (error.retryAfter ?? 0) * 1000);
}

/**
 * What `once` comes to, tried again as long as the outcome may change.
 *
 * @param onTrouble called after each failed try that is followed by another.
 * @throws ApiError the last try's; whatever `signal` is aborted with, and whatever else `once` throws.
 */
export async function retrying<T>(
  once: () => Promise<T>,
  patience: Patience,
  signal: AbortSignal,
  onTrouble: (error: ApiError) => void,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once();
    } catch (error) {
      if (!(error instanceof ApiError) || !PASSING.has(error.status)) throw error;
      if (attempt >= (error.status === 500 ? Math.min(TRIES_OF_500, patience.tries) : patience.tries)) throw error;
      onTrouble(error);
      await pause(waitAfter(attempt, error, patience.longestWait, Math.random), signal);
    }
  }
}

/** GET with retries, as `retrying` does them. */
export async function apiFetch(
  url: string,
  patience: Patience,
  signal: AbortSignal,
  onTrouble: (error: ApiError) => void,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return retrying(() => fetchOnce(url, signal, { headers }), patience, signal, onTrouble);
}

/** One GET. @throws ApiError for every answer that is not a success, and for none; whatever `signal` is aborted with. */
export async function fetchOnce(
  url: string,
  signal: AbortSignal,
  how: Pick<RequestInit, "headers" | "priority"> = {},
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(marked(url), { signal, credentials: "same-origin", ...how });
  } catch {
    signal.throwIfAborted();
    throw new ApiError(unreachable(), 0);
  }
  if (response.ok) return response;
  throw new ApiError(await messageOf(response), response.status, retryAfter(response));
}

/** The body of one GET. @throws as `fetchOnce`; an answer that breaks off is none. */
export async function blobOnce(url: string, signal: AbortSignal, priority: RequestPriority = "auto"): Promise<Blob> {
  const response = await fetchOnce(url, signal, { priority });
  try {
    return await response.blob();
  } catch {
    signal.throwIfAborted();
    throw new ApiError(brokenOff(), 0);
  }
}

/**
 * What an answer holds.
 *
 * @param holds whether it is what was asked for: a proxy may answer with something else.
 * @throws ApiError where it is not, or no JSON at all; whatever `signal` is aborted with.
 */
export async function readJson<T>(
  response: Response,
  signal: AbortSignal,
  holds: (body: unknown) => boolean,
): Promise<T> {
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    signal.throwIfAborted();
  }
  if (!holds(body)) throw new ApiError(unreadable(), 0);
  return body as T;
}

/** Whether an answer has lists of these names. */
export function hasLists(...names: readonly string[]): (body: unknown) => boolean {
  return (body) =>
    typeof body === "object" && body !== null && names.every((name) => Array.isArray(Reflect.get(body, name)));
}

async function messageOf(response: Response): Promise<string> {
  let body: unknown = null;
  try {
    body = await response.json();
  } catch {
    // not JSON: a proxy's page, or a broken body
  }
  return errorSentence(response.status, textOf(body, "error"), textOf(body, "message"));
}

function textOf(body: unknown, name: string): string | null {
  const value: unknown = typeof body === "object" && body !== null ? Reflect.get(body, name) : null;
  return typeof value === "string" ? value : null;
}

function retryAfter(response: Response): number | null {
  const seconds = Number(response.headers.get("retry-after") ?? NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 60) : null;
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener("abort", stop, { once: true });
  });
}
