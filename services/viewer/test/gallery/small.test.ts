import { describe, expect, it, vi } from "vitest";
import type { Progress } from "../../src/gallery/data";
import { readPlace } from "../../src/gallery/place";
import { shareOf } from "../../src/gallery/progress";
import { fileSize } from "../../src/gallery/text";
import { Turns } from "../../src/gallery/turns";

describe("turns", () => {
  it("are so many at once, in order, and none for who has gone", () => {
    const turns = new Turns(2);
    const ran: number[] = [];
    const leave = [0, 1, 2, 3, 4].map((i) => turns.take(() => ran.push(i)));
    expect(ran).toEqual([0, 1]);
    leave[2]?.();
    leave[0]?.();
    expect(ran).toEqual([0, 1, 3]);
    leave[0]?.();
    expect(ran).toEqual([0, 1, 3]);
    leave[1]?.();
    expect(ran).toEqual([0, 1, 3, 4]);
  });
});

describe("progress", () => {
  it("counts what waits for nothing", () => {
    const counts = { pending: 3, indexed: 5, failed: 1, unsupported: 1, archived: 0 };
    expect(shareOf({ scanning: false, counts } satisfies Progress)).toEqual({ done: 7, all: 10 });
    expect(shareOf({ scanning: true, counts: null })).toBeNull();
  });
});

describe("the place to come back to", () => {
  it("is read from what this page has written, and from nothing else", () => {
    const place = { id: "s-1", offset: -3.5, slides: 200 };
    expect(readPlace({ ...place, more: 1 })).toEqual(place);
    for (const other of [null, "x", {}, { ...place, slides: "200" }, { ...place, id: null }]) {
      expect(readPlace(other)).toBeNull();
    }
  });
});

describe("sizes", () => {
  it.each([
    [0, "0 bytes"],
    [1, "1 byte"],
    [999, "999 bytes"],
    [1_500, "1.5 kB"],
    [1_938_955, "1.9 MB"],
    [241_400_000, "241 MB"],
    [2_700_000_000, "2.7 GB"],
  ])("%i bytes", (bytes, text) => expect(fileSize(bytes)).toBe(text));

  it("have the same units in Japanese", async () => {
    vi.stubGlobal("document", { documentElement: { lang: "ja" } });
    vi.resetModules();
    const japanese = await import("../../src/gallery/text");
    vi.unstubAllGlobals();
    expect([5, 1_500, 2_700_000_000].map(japanese.fileSize)).toEqual(["5 バイト", "1.5 kB", "2.7 GB"]);
  });
});
