import { describe, expect, it, vi } from "vitest";
import { Access } from "../../src/api/access";
import { ApiError } from "../../src/api/api-fetch";
import { renewalOf } from "../../src/view/parent-page";

const expired = new ApiError("The link has expired.", 401);
const never = new AbortController().signal;

describe("Access", () => {
  it("adds what opens the slide's routes, and knows when that ends", () => {
    const access = new Access({ exp: "1700000000", vt: "ab" });
    expect(access.url("/tiles/a/0/0/0.jpg?v=1")).toBe("/tiles/a/0/0/0.jpg?v=1&exp=1700000000&vt=ab");
    expect(access.expires).toBe(1_700_000_000_000);
    expect(new Access({}, "https://wsi.example").url("/tiles/a")).toBe("https://wsi.example/tiles/a");
    expect(new Access().expires).toBeNull();
  });

  it("is a door: shut once it is refused, for all who come until it is renewed", async () => {
    const access = new Access({ vt: "old" });
    const ended = vi.fn();
    access.ended.on(ended);
    await access.opened(never);
    access.refused(expired);
    access.refused(expired);
    expect(ended).toHaveBeenCalledTimes(1);
    const through: number[] = [];
    const waiting = [1, 2].map((who) => access.opened(never).then(() => through.push(who)));
    await Promise.resolve();
    expect(through).toEqual([]);
    access.renew({ vt: "new" });
    await Promise.all(waiting);
    expect(through).toEqual([1, 2]);
    expect(access.refusal).toBeNull();
  });

  it("takes no answer to an old right for one to the new", () => {
    const access = new Access({ vt: "old" });
    const asked = access.params;
    access.renew({ vt: "new" });
    access.refused(expired, asked);
    expect(access.refusal).toBeNull();
    access.refused(expired, access.params);
    expect(access.refusal).toBe(expired);
  });

  it("lets nobody wait who is no longer wanted", async () => {
    const access = new Access();
    access.refused(expired);
    const abort = new AbortController();
    const waiting = access.opened(abort.signal);
    abort.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
  });
});

describe("renewalOf", () => {
  const vt = "0f".repeat(32);

  it("reads a new right, of a slide or of the page's first", () => {
    expect(renewalOf({ type: "wsi-streamer:access", exp: 1_700_000_000, vt })).toEqual({
      slide: null,
      params: { exp: "1700000000", vt },
    });
    expect(renewalOf({ type: "wsi-streamer:access", exp: "17", vt, slide: "s-1" })?.slide).toBe("s-1");
  });

  it.each([
    [null],
    ["wsi-streamer:access"],
    [{ type: "other", exp: 17, vt }],
    [{ type: "wsi-streamer:access", exp: "soon", vt }],
    [{ type: "wsi-streamer:access", exp: -5, vt }],
    [{ type: "wsi-streamer:access", exp: 17, vt: "short" }],
    [{ type: "wsi-streamer:access", exp: 17, vt, slide: 7 }],
  ])("leaves all else alone: %j", (message) => {
    expect(renewalOf(message)).toBeNull();
  });
});
