import { afterEach, expect, it, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

it("a tile that can't be decoded is told of in the page's language", async () => {
  vi.stubGlobal("document", { documentElement: { lang: "ja" } });
  vi.stubGlobal("createImageBitmap", () => Promise.reject(new Error("no picture")));
  const { TileLoader } = await import("../../src/tiles/tile-loader");
  const { TileStore } = await import("../../src/tiles/tile-store");
  const { Line } = await import("../../src/tiles/line");
  const { Access } = await import("../../src/api/access");
  const store = new TileStore(100);
  store.put("/tile", new Blob(["x"]));
  const said = await new Promise<string>((resolve) => {
    const watcher = { delayed: () => undefined, settled: () => undefined, failed: () => undefined };
    const loader = new TileLoader(new Access({}), watcher, new Line(1, 1), store);
    loader.start({ jobId: null, src: "/tile", tile: {}, fail: resolve } as never);
  });
  expect(said).toBe("タイル画像を復号できません。");
});
