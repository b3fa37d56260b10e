import { describe, expect, it } from "vitest";
import { ApiError } from "../../src/api/api-fetch";
import type { ListedSlide, SlidePage } from "../../src/gallery/data";
import { SlideList } from "../../src/gallery/slide-list";

const SIZE = 3;

function slide(id: string, name = id): ListedSlide {
  return {
    id, name, folder: "", status: "indexed", error: null, format: null, width: null, height: null, size: 1, modified: null,
    mpp: null, objective: null, link: `/view/${id}`, thumbnail: null, access: {},
  }; // biome-ignore format: a table
}

/** A server: pages of three behind the id in the URL. */
class Server {
  ids: string[] = [];
  asked: string[] = [];
  broken = false;

  readonly page = async (url: string): Promise<SlidePage> => {
    this.asked.push(url);
    await Promise.resolve();
    if (this.broken) throw new ApiError("Away.", 503);
    const behind = new URL(url, "http://x").searchParams.get("cursor");
    const rest = this.ids.filter((id) => behind === null || id > behind);
    const slides = rest.slice(0, SIZE).map((id) => slide(id));
    const last = slides.at(-1);
    return {
      slides,
      next: rest.length > SIZE && last !== undefined ? `/?cursor=${last.id}` : null,
      nothing: rest.length === 0 ? "none" : null,
    };
  };
}

function ids(list: SlideList): string {
  return list.slides.map(({ id }) => id).join("");
}

async function opened(names: string): Promise<{ server: Server; list: SlideList }> {
  const server = new Server();
  server.ids = [...names];
  const list = new SlideList(server.page);
  await list.open("/");
  return { server, list };
}

describe("a list", () => {
  it("comes page by page, to its end", async () => {
    const { list } = await opened("abcdefgh");
    expect([ids(list), list.isComplete]).toEqual(["abc", false]);
    await list.more();
    await list.more();
    expect([ids(list), list.isComplete]).toEqual(["abcdefgh", true]);
    await list.more();
    expect(ids(list)).toBe("abcdefgh");
  });

  it("asks for one page at a time", async () => {
    const { server, list } = await opened("abcdefgh");
    await Promise.all([list.more(), list.more(), list.more()]);
    expect(server.asked).toEqual(["/", "/?cursor=c"]);
    expect(ids(list)).toBe("abcdef");
  });

  it("passes over answers to what was asked before", async () => {
    const waiting: ((page: SlidePage) => void)[] = [];
    const list = new SlideList(() => new Promise((resolve) => waiting.push(resolve)));
    const first = list.open("/?q=a");
    const second = list.open("/?q=ab");
    waiting[1]?.({ slides: [slide("new")], next: null, nothing: null });
    await second;
    waiting[0]?.({ slides: [slide("old")], next: null, nothing: null });
    await first;
    expect(ids(list)).toBe("new");
  });

  it("says why there is nothing", async () => {
    const { list } = await opened("");
    expect(list.nothing).toBe("none");
  });

  it("takes in what is new, and keeps what is as it was", async () => {
    const { server, list } = await opened("bcdefghijk");
    await list.more();
    await list.more();
    server.ids = [..."abcdefghijk"];
    await list.refresh(0, 2);
    expect(ids(list).startsWith("abc")).toBe(true);
    while (!list.isComplete) await list.more();
    expect(ids(list)).toBe("abcdefghijk");
    const before = list.slides;
    await list.refresh(0, 11);
    expect(list.slides.every((each, i) => each === before[i])).toBe(true);
  });

  it("keeps what is behind where nothing has moved", async () => {
    const { server, list } = await opened("abcdefghi");
    await list.more();
    await list.more();
    server.asked = [];
    await list.refresh(0, 2);
    expect(server.asked).toEqual(["/"]);
    expect(ids(list)).toBe("abcdefghi");
  });

  it("asks again for what has failed", async () => {
    const { server, list } = await opened("abcdef");
    server.broken = true;
    await list.more();
    expect([ids(list), list.error?.status]).toEqual(["abc", 503]);
    server.broken = false;
    await list.retry();
    expect([ids(list), list.error]).toEqual(["abcdef", null]);
    server.broken = true;
    await list.open("/?cursor=d");
    expect([ids(list), list.error?.status]).toEqual(["", 503]);
    server.broken = false;
    await list.retry();
    expect(ids(list)).toBe("ef");
  });
});
