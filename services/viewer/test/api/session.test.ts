import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Session, waitAfterFailures } from "../../src/api/session";
import { answers } from "./answers";

/** What the module uses of a page. */
class Page extends EventTarget {
  visibilityState = "visible";
  readonly body = { dataset: {} };
}

let page: Page;
let ended: ReturnType<typeof vi.fn<() => void>>;

function renewed(seconds: number): Response {
  return new Response(JSON.stringify({ renew_after: seconds }));
}

function kept(renewAfter: number | null): void {
  new Session(ended).keep(renewAfter);
}

async function pass(seconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(seconds * 1000);
}

beforeEach(() => {
  vi.useFakeTimers();
  page = new Page();
  ended = vi.fn<() => void>();
  vi.stubGlobal("document", page);
  vi.stubGlobal("window", new EventTarget());
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("Session", () => {
  it("asks for nothing where there is no session", async () => {
    const fetch = answers();
    kept(null);
    await pass(90_000);
    page.dispatchEvent(new Event("visibilitychange"));
    expect(fetch).not.toHaveBeenCalled();
  });

  it("renews when it is told to, again and again", async () => {
    const fetch = answers(renewed(600), renewed(600), renewed(600));
    kept(300);
    await pass(299);
    expect(fetch).not.toHaveBeenCalled();
    await pass(1);
    expect(fetch).toHaveBeenCalledWith("/auth/renew", { method: "POST", credentials: "same-origin" });
    await pass(600);
    expect(fetch).toHaveBeenCalledTimes(2);
    expect(ended).not.toHaveBeenCalled();
  });

  it.each([401, 403])("ends at %i, and asks no more by itself", async (status) => {
    const fetch = answers(new Response("{}", { status }));
    kept(10);
    await pass(10);
    expect(ended).toHaveBeenCalledTimes(1);
    await pass(90_000);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("goes on when it is seen again after another tab has signed in", async () => {
    const refused = (): Response => new Response("{}", { status: 401 });
    const fetch = answers(refused(), refused(), renewed(600), renewed(600));
    const back = vi.fn<() => void>();
    new Session(ended, back).keep(10);
    await pass(10);
    page.dispatchEvent(new Event("visibilitychange"));
    await pass(1);
    expect([ended.mock.calls.length, back.mock.calls.length]).toEqual([1, 0]);
    page.dispatchEvent(new Event("visibilitychange"));
    await pass(1);
    expect(back).toHaveBeenCalledTimes(1);
    await pass(600);
    expect(fetch).toHaveBeenCalledTimes(4);
    expect(ended).toHaveBeenCalledTimes(1);
  });

  it("tries again when the server or the network is away", async () => {
    const proxy = new Response("<html>gateway</html>", { status: 200 });
    const fetch = answers(new TypeError("offline"), new Response("", { status: 503 }), proxy, renewed(600));
    kept(10);
    await pass(10);
    for (const [index, wait] of [5, 10, 20].entries()) {
      expect(fetch).toHaveBeenCalledTimes(index + 1);
      await pass(wait - 1);
      expect(fetch).toHaveBeenCalledTimes(index + 1);
      await pass(1);
    }
    expect(fetch).toHaveBeenCalledTimes(4);
    expect(ended).not.toHaveBeenCalled();
  });

  it("renews as soon as the page is seen again after a sleep", async () => {
    const fetch = answers(renewed(600), renewed(600));
    kept(600);
    vi.setSystemTime(Date.now() + 700_000); // timers sleep, too
    page.visibilityState = "hidden";
    page.dispatchEvent(new Event("visibilitychange"));
    expect(fetch).not.toHaveBeenCalled();
    page.visibilityState = "visible";
    page.dispatchEvent(new Event("visibilitychange"));
    page.dispatchEvent(new Event("visibilitychange"));
    expect(fetch).toHaveBeenCalledTimes(1);
    await pass(1);
    page.dispatchEvent(new Event("visibilitychange"));
    expect(fetch).toHaveBeenCalledTimes(1); // it is fresh
    await pass(600);
    expect(fetch).toHaveBeenCalledTimes(2);
  });
});

describe("waitAfterFailures", () => {
  it("doubles up to a minute", () => {
    expect([1, 2, 3, 4, 5, 9].map(waitAfterFailures)).toEqual([5, 10, 20, 40, 60, 60]);
  });
});
