import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { HintSender, postHint } from "../../src/tiles/hint-sender";
import type { Hint } from "../../src/tiles/prefetch-hint";
import { SeenTiles } from "../../src/tiles/seen-tiles";

const HINT: Hint = { level: 1, x: 2, y: 3, width: 4, height: 5 };
const now = (): number => Date.now();

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A server that answers after some milliseconds, and what it was told when. */
function server(milliseconds: number, answers: (count: number) => boolean = () => true) {
  const told: number[] = [];
  const post = async (): Promise<boolean> => {
    told.push(now());
    const answer = answers(told.length);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return answer;
  };
  return { told, post };
}

/** A view that moves with every frame for some seconds. */
async function drag(sender: HintSender, milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 16) {
    sender.moved();
    await vi.advanceTimersByTimeAsync(16);
  }
}

describe("HintSender", () => {
  it("waits for the end of the move's own steps, and no longer", async () => {
    const { told, post } = server(5);
    let target = "first step";
    const seen: string[] = [];
    const sender = new HintSender(
      () => {
        seen.push(target);
        return [HINT];
      },
      post,
      now,
    );
    sender.moved();
    target = "last step";
    sender.moved();
    expect(told).toEqual([]);
    await Promise.resolve(); // no timer, no frame
    expect(seen).toEqual(["last step"]);
    expect(told).toHaveLength(1);
  });

  it("tells at most ten times a second, and of the last move for sure", async () => {
    const { told, post } = server(5);
    let [moves, last] = [0, 0];
    const sender = new HintSender(
      () => {
        last = moves;
        return [HINT];
      },
      post,
      now,
    );
    for (; moves < 125; moves++) {
      sender.moved();
      await vi.advanceTimersByTimeAsync(16);
    }
    sender.moved();
    await vi.runAllTimersAsync();
    expect(told.length).toBeGreaterThan(15);
    expect(told.length).toBeLessThanOrEqual(22);
    for (const [index, at] of told.slice(1).entries()) expect(at - (told[index] as number)).toBeGreaterThanOrEqual(100);
    expect(last).toBe(125);
  });

  it("says nothing while there is nothing new, and is not late then", async () => {
    const { told, post } = server(5);
    let hints: Hint[] = [];
    const sender = new HintSender(() => hints, post, now);
    await drag(sender, 1_000);
    expect(told).toEqual([]);
    hints = [HINT];
    sender.moved();
    await Promise.resolve();
    expect(told).toEqual([now()]);
  });

  it("leaves connections free while the server is slow", async () => {
    const { told, post } = server(400);
    const sender = new HintSender(() => [HINT, HINT], post, now);
    await drag(sender, 2_000);
    await vi.runAllTimersAsync();
    expect(told.length / 2).toBeLessThanOrEqual(6);
    expect(told.length / 2).toBeGreaterThanOrEqual(5);
  });

  it("is silent for ten seconds after a refusal, and retries nothing", async () => {
    const { told, post } = server(5, (count) => count > 1);
    const sender = new HintSender(() => [HINT], post, now);
    await drag(sender, 9_000);
    expect(told).toHaveLength(1);
    await drag(sender, 2_000);
    expect(told.length).toBeGreaterThan(1);
    const quiet = server(5, () => false);
    const once = new HintSender(() => [HINT], quiet.post, now);
    once.moved();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(quiet.told).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("postHint", () => {
  it("is one small request that cookies may accompany", async () => {
    const fetch = vi.fn(async () => new Response(null, { status: 202 }));
    vi.stubGlobal("fetch", fetch);
    expect(await postHint("/tiles/s-a/prefetch?vt=1&exp=2", HINT)).toBe(true);
    expect(fetch).toHaveBeenCalledExactlyOnceWith("/tiles/s-a/prefetch?vt=1&exp=2", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"level":1,"x":2,"y":3,"width":4,"height":5}',
      credentials: "same-origin",
      priority: "high",
      keepalive: false,
    });
  });

  it.each([400, 401, 404, 405, 429, 500, 503])("takes %i for a no, whatever comes with it", async (status) => {
    const fetch = vi.fn(async () => new Response("<html>", { status }));
    vi.stubGlobal("fetch", fetch);
    expect(await postHint("/x", HINT)).toBe(false);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("takes a lost connection for a no", async () => {
    vi.stubGlobal(
      "fetch",
      vi.fn(async () => Promise.reject(new TypeError("Failed to fetch"))),
    );
    expect(await postHint("/x", HINT)).toBe(false);
  });
});

describe("SeenTiles", () => {
  it("knows what is in memory for as long as it is there, and then as long as the browser's cache", () => {
    const seen = new SeenTiles(300_000, now);
    seen.loaded(1, 2, 3);
    expect(seen.knows(1, 2, 3)).toBe(true);
    expect([seen.knows(2, 2, 3), seen.knows(1, 3, 2)]).toEqual([false, false]);
    vi.advanceTimersByTime(200_000);
    seen.unloaded(1, 2, 3);
    expect(seen.knows(1, 2, 3)).toBe(true);
    vi.advanceTimersByTime(99_999);
    expect(seen.knows(1, 2, 3)).toBe(true);
    vi.advanceTimersByTime(1);
    expect(seen.knows(1, 2, 3)).toBe(false);
  });

  it("never forgets by time what never changes", () => {
    const seen = new SeenTiles(Infinity, now);
    seen.loaded(1, 2, 3);
    seen.unloaded(1, 2, 3);
    seen.hinted(1, 2, 3); // doesn't shorten it
    vi.advanceTimersByTime(1e9);
    expect(seen.knows(1, 2, 3)).toBe(true);
  });

  it("believes a hint for ten seconds", () => {
    const seen = new SeenTiles(Infinity, now);
    seen.hinted(0, 0, 0);
    vi.advanceTimersByTime(9_999);
    expect(seen.knows(0, 0, 0)).toBe(true);
    vi.advanceTimersByTime(1);
    expect(seen.knows(0, 0, 0)).toBe(false);
    seen.unloaded(0, 0, 0); // never arrived
    expect(seen.knows(0, 0, 0)).toBe(false);
  });

  it("is bounded, and forgets the least recent first", () => {
    const seen = new SeenTiles(Infinity, now, 3);
    for (const x of [0, 1, 2]) seen.hinted(0, x, 0);
    seen.hinted(0, 0, 0);
    seen.hinted(0, 3, 0);
    expect([0, 1, 2, 3].map((x) => seen.knows(0, x, 0))).toEqual([true, false, true, true]);
  });
});
