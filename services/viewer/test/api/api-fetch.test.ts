import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError, apiFetch, waitAfter } from "../../src/api/api-fetch";
import { answers } from "./answers";

const PATIENCE = { tries: 5, longestWait: 4_000 };

function answer(status: number, body: unknown = "tile", headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers });
}

/** The outcome of a request, with all waits over at once. */
async function outcome(troubles: ApiError[] = [], signal = new AbortController().signal): Promise<Response | Error> {
  const asked = apiFetch("/tiles/a/0/0/0.jpg", PATIENCE, signal, (error) => troubles.push(error)).catch(
    (error: Error) => error,
  );
  await vi.runAllTimersAsync();
  return asked;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("apiFetch", () => {
  it("asks again while the answer may change, and tells of each failure", async () => {
    const fetch = answers(
      new TypeError("reset"),
      answer(503, { message: "Busy." }, { "retry-after": "1" }),
      answer(200),
    );
    const troubles: ApiError[] = [];
    const response = await outcome(troubles);
    expect((response as Response).status).toBe(200);
    expect(fetch).toHaveBeenCalledTimes(3);
    expect(troubles.map((trouble) => [trouble.status, trouble.message])).toEqual([
      [0, "The server can't be reached."],
      [503, "Busy."],
    ]);
  });

  it.each([400, 401, 403, 404, 415])("believes %i at once, with the server's own words", async (status) => {
    const fetch = answers(answer(status, { error: "code", message: "The link has expired.", status }));
    expect(await outcome()).toMatchObject({ status, message: "The link has expired." });
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("believes 500 after three tries", async () => {
    const fetch = answers(...Array.from({ length: 3 }, () => answer(500, { message: "Damaged." })));
    expect(await outcome()).toMatchObject({ status: 500, message: "Damaged." });
    expect(fetch).toHaveBeenCalledTimes(3);
  });

  it("gives up after its last try", async () => {
    const fetch = answers(...Array.from({ length: 5 }, () => new Response("<html>gateway</html>", { status: 502 })));
    expect(await outcome()).toMatchObject({ status: 502, message: "The server answered with status 502." });
    expect(fetch).toHaveBeenCalledTimes(5);
  });

  it("ends at once when it is aborted while it waits", async () => {
    const fetch = answers(answer(503));
    const abort = new AbortController();
    const asked = apiFetch("/x", PATIENCE, abort.signal, () => abort.abort()).catch((error: Error) => error);
    expect(await asked).toMatchObject({ name: "AbortError" });
    expect(vi.getTimerCount()).toBe(0);
    expect(fetch).toHaveBeenCalledTimes(1);
  });
});

describe("waitAfter", () => {
  const busy = new ApiError("", 503, 2);
  const plain = new ApiError("", 503);

  it("doubles up to the longest wait, with half of it at random", () => {
    expect([1, 2, 3, 4, 9].map((attempt) => waitAfter(attempt, plain, 4_000, () => 1))).toEqual([
      500, 1000, 2000, 4000, 4000,
    ]);
    expect(waitAfter(3, plain, 4_000, () => 0)).toBe(1000);
  });

  it("is never shorter than the server asks", () => {
    expect(waitAfter(1, busy, 4_000, () => 0)).toBe(2000);
  });
});
