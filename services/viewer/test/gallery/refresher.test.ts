import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { mayDiffer, Refresher } from "../../src/gallery/refresher";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the list on the screen", () => {
  it("is read at once when something has changed, and then each 15 s at most, to the last change", () => {
    const refresh = vi.fn();
    const refresher = new Refresher(() => true, refresh);
    refresher.look();
    expect(refresh).not.toHaveBeenCalled();
    for (let second = 0; second < 60; second += 3) {
      refresher.changed();
      vi.advanceTimersByTime(3_000);
    }
    expect(refresh).toHaveBeenCalledTimes(5);
    vi.advanceTimersByTime(600_000);
    const calls = refresh.mock.calls.length;
    expect(calls).toBeLessThanOrEqual(6);
    refresher.look();
    expect(refresh).toHaveBeenCalledTimes(calls);
  });

  it("is left alone as long as nothing of it can be another, and read when it is scrolled to where that may be", () => {
    const refresh = vi.fn();
    let isSeen = false;
    const refresher = new Refresher(() => isSeen, refresh);
    for (let time = 0; time < 20; time++) {
      refresher.changed();
      vi.advanceTimersByTime(3_000);
    }
    expect(refresh).not.toHaveBeenCalled();
    isSeen = true;
    refresher.look();
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it("may be another where its end is seen, or a slide that waits for its index", () => {
    expect(mayDiffer([false, false], false)).toBe(false);
    expect(mayDiffer([false, true], false)).toBe(true);
    expect(mayDiffer([false, false], true)).toBe(true);
    expect(mayDiffer([], true)).toBe(true);
  });
});
