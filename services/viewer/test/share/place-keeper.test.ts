import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Comparison } from "../../src/compare/comparison";
import { PlaceKeeper } from "../../src/share/place-keeper";
import { Signal } from "../../src/ui/signal";
import type { Workspace } from "../../src/view/workspace";

const LOOK = { x: 1, y: 2, downsample: 3, rotation: 0, flipped: false };

let page: EventTarget;
let written: string[];

beforeEach(() => {
  page = new EventTarget();
  written = [];
  vi.useFakeTimers();
  vi.stubGlobal("window", page);
  vi.stubGlobal("location", { pathname: "/view/s-1", search: "", hash: "#x=9&y=9&z=9" });
  vi.stubGlobal("history", { state: null, replaceState: (_: unknown, __: string, url: string) => written.push(url) });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A page that shows what its address tells as `restore` does. */
function keeper(restore: () => Promise<void>): PlaceKeeper {
  const comparison = { changed: new Signal(), restore, scene: () => ({ look: LOOK, beside: [], linked: false }) };
  return new PlaceKeeper({ added: new Signal() } as unknown as Workspace, comparison as unknown as Comparison);
}

function follow(hash: string): void {
  page.dispatchEvent(Object.assign(new Event("hashchange"), { newURL: `http://x/view/s-1${hash}` }));
}

describe("the address", () => {
  it("is not written while what it tells is still to come", async () => {
    keeper(() => new Promise(() => undefined));
    follow("#with=s-2");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(written).toEqual([]);
  });

  it("is written again even where what it told can't be shown", async () => {
    const failed = vi.fn();
    const restoring = Promise.reject(new TypeError("a fault of the page"));
    vi.stubGlobal("reportError", failed);
    keeper(() => restoring);
    follow("#with=s-2");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(written).toEqual(["/view/s-1#x=1&y=2&z=3"]);
    expect(failed).toHaveBeenCalledTimes(1);
  });
});
