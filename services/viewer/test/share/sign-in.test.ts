import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { keepPlace, takePlace } from "../../src/share/kept-place";
import { ProviderTrip } from "../../src/share/provider-trip";

const LOGIN = "http://slides.test/auth/login?next=/view/s-1";

/** A tab's storage. */
class Storage {
  readonly items = new Map<string, string>();
  getItem(name: string): string | null {
    return this.items.get(name) ?? null;
  }
  setItem(name: string, value: string): void {
    this.items.set(name, value);
  }
  removeItem(name: string): void {
    this.items.delete(name);
  }
}

let replace: ReturnType<typeof vi.fn<(there: string) => void>>;

/** The browser has loaded a page's address. */
function at(address: string): void {
  const { pathname, hash } = new URL(address, "http://slides.test");
  vi.stubGlobal("location", { pathname, hash, replace });
}

/** The page before signing in, and its script. */
async function signInPage(href: string | null = LOGIN): Promise<void> {
  const found = (selector: string) => (selector === "#sign-in" && href !== null ? { href } : null);
  vi.stubGlobal("document", { querySelector: found });
  vi.resetModules();
  await import("../../src/pages/sign-in");
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_795_000_000_000 });
  replace = vi.fn<(there: string) => void>();
  vi.stubGlobal("sessionStorage", new Storage());
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("the page before signing in", () => {
  it("keeps what the address says where the slide's page looks for it, and goes where its link leads", async () => {
    at("/view/s-1#x=1&y=2&z=3");
    await signInPage();
    expect(replace.mock.calls).toEqual([[LOGIN]]);
    at("/view/s-2");
    expect(takePlace()).toBe("");
    at("/view/s-1");
    expect(takePlace()).toBe("#x=1&y=2&z=3");
    expect(takePlace()).toBe("");
  });

  it("forgets what was kept before, where the address says nothing", async () => {
    at("/view/s-1#x=1&y=2&z=3");
    keepPlace();
    at("/view/s-1");
    await signInPage();
    expect(takePlace()).toBe("");
  });

  it("goes nowhere without its link", async () => {
    at("/view/s-1");
    await signInPage(null);
    expect(replace).not.toHaveBeenCalled();
  });

  it("does not go round in circles: who comes back at once presses the link", async () => {
    at("/view/s-1#x=1&y=2&z=3");
    await signInPage();
    vi.advanceTimersByTime(2_000);
    at("/view/s-1");
    await signInPage();
    expect(replace).toHaveBeenCalledTimes(1);
    expect(takePlace()).toBe("#x=1&y=2&z=3");
    at("/view/s-2");
    await signInPage();
    expect(replace).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(40_000);
    at("/view/s-1");
    await signInPage();
    expect(replace).toHaveBeenCalledTimes(3);
  });

  it("goes again at once where the last trip has led to the slide", async () => {
    at("/view/s-1");
    await signInPage();
    ProviderTrip.here().arrive();
    await signInPage();
    expect(replace).toHaveBeenCalledTimes(2);
  });

  it("goes without any storage, too", async () => {
    vi.stubGlobal("sessionStorage", undefined);
    at("/view/s-1#x=1&y=2&z=3");
    await signInPage();
    expect(replace.mock.calls).toEqual([[LOGIN]]);
    expect(takePlace()).toBe("");
    ProviderTrip.here().arrive();
  });
});
