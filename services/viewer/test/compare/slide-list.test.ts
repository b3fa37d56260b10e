import { afterEach, describe, expect, it, vi } from "vitest";
import { type Continuation, listSlides } from "../../src/compare/slide-list";

afterEach(() => vi.unstubAllGlobals());

/** The server's list: as many slides of each status, in this order, a page at a time. Returns the statuses of what is asked. */
function serve(...stored: readonly (readonly [status: string, count: number])[]): (string | null)[] {
  const all = stored.flatMap(([status, count]) =>
    Array.from({ length: count }, (_, i) => ({ id: `${status}-${i}`, key: `${status}-${i}.svs`, status })),
  );
  const asked: (string | null)[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    const params = new URL(url, "http://localhost").searchParams;
    asked.push(params.get("status"));
    const fitting = all.filter(({ key, status }) => {
      return status === (params.get("status") ?? status) && key.includes(params.get("search") ?? "");
    });
    const begin = Number(params.get("cursor") ?? 0);
    const end = begin + Number(params.get("limit"));
    const further = end < fitting.length ? { next_cursor: String(end) } : {};
    return new Response(JSON.stringify({ details: fitting.slice(begin, end), ...further }));
  });
  return asked;
}

const list = (search = "", from: Continuation | null = null) => listSlides(search, from, new AbortController().signal);

describe("slides to choose from", () => {
  it("are there at once, however many that can't be opened come first", async () => {
    const asked = serve(["failed", 500], ["unsupported", 300], ["indexed", 3], ["pending", 2]);
    const { slides, next } = await list();
    expect(slides.map(({ id }) => id)).toEqual(["indexed-0", "indexed-1", "indexed-2", "pending-0", "pending-1"]);
    expect(next).toBeNull();
    expect(asked.length).toBe(2);
  });

  it("come page by page: first those that are ready, then those that wait; each once", async () => {
    serve(["pending", 30], ["failed", 40], ["indexed", 60]);
    const found: string[] = [];
    let next: Continuation | null = null;
    do {
      const page = await list("", next);
      expect(page.slides.length).toBeGreaterThan(0);
      found.push(...page.slides.map(({ id }) => id));
      next = page.next;
    } while (next !== null);
    expect(new Set(found).size).toBe(90);
    expect(found.length).toBe(90);
    expect(found.findIndex((id) => id.startsWith("pending"))).toBe(60);
  });

  it("are none where none can be opened, without a further page", async () => {
    serve(["failed", 100]);
    expect(await list()).toEqual({ slides: [], next: null });
    serve(["failed", 100], ["indexed", 3]);
    expect((await list("xed-1")).slides.map(({ id }) => id)).toEqual(["indexed-1"]);
    expect(await list("nothing")).toEqual({ slides: [], next: null });
  });
});
