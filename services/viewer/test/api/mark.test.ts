import { afterEach, describe, expect, it, vi } from "vitest";

import { Access } from "../../src/api/access";
import { fetchOnce } from "../../src/api/api-fetch";
import { marked } from "../../src/api/mark";
import { thumbnailOf } from "../../src/compare/slide-list";
import { EVERYTHING, pathOf } from "../../src/gallery/question";
import { postHint } from "../../src/tiles/hint-sender";

const MARK = "embedded=1";

afterEach(() => vi.unstubAllGlobals());

describe("marked", () => {
  it("adds the mark once, before the fragment", () => {
    expect(marked("/", MARK)).toBe("/?embedded=1");
    expect(marked("/?q=a", MARK)).toBe("/?q=a&embedded=1");
    expect(marked("/view/s-1#x=1&with=a#b", MARK)).toBe("/view/s-1?embedded=1#x=1&with=a#b");
    expect(marked("/?embedded=1&q=a", MARK)).toBe("/?embedded=1&q=a");
    expect(marked("/?q=?embedded=1", MARK)).toBe("/?q=?embedded=1&embedded=1");
  });

  it("leaves other servers alone, and pages without a mark", () => {
    expect(marked("https://wsi.test/slides", MARK)).toBe("https://wsi.test/slides");
    expect(marked("//wsi.test/slides", MARK)).toBe("//wsi.test/slides");
    expect(marked("/slides", "")).toBe("/slides");
    expect(marked("/slides")).toBe("/slides");
  });
});

describe("a page in a frame", () => {
  it("marks all that it asks for", async () => {
    vi.stubGlobal("document", { body: { dataset: { mark: MARK } }, documentElement: { lang: "en" } });
    const asked: string[] = [];
    vi.stubGlobal("fetch", async (url: string) => {
      asked.push(url);
      return new Response("{}");
    });
    await fetchOnce("/folders?prefix=a%2F", new AbortController().signal);
    await postHint("/tiles/s-1/prefetch", { level: 0, tiles: [] } as unknown as Parameters<typeof postHint>[1]);
    expect(asked).toEqual(["/folders?prefix=a%2F&embedded=1", "/tiles/s-1/prefetch?embedded=1"]);
    expect(new Access({}).url("/tiles/s-1/0/0/0.jpg?v=1")).toBe("/tiles/s-1/0/0/0.jpg?v=1&embedded=1");
    expect(new Access({}, "https://wsi.test").url("/slides/s-1")).toBe("https://wsi.test/slides/s-1");
    expect(pathOf({ ...EVERYTHING, search: "a" })).toBe("/?q=a&embedded=1");
    expect(thumbnailOf({ id: "s-1", key: null, status: "indexed", version: "ab" })).toMatch(/&embedded=1$/);
  });

  it("keeps the mark when the page around it brings a new right", () => {
    vi.stubGlobal("document", { body: { dataset: { mark: MARK } } });
    const access = new Access();
    access.renew({ exp: "9", vt: "ab" });
    expect(access.url("/slides/s-1")).toBe("/slides/s-1?exp=9&vt=ab&embedded=1");
  });
});
