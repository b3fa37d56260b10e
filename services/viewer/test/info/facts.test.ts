import { describe, expect, it, vi } from "vitest";
import type { SlideMetadata } from "../../src/api/metadata";
import { acquiredText, matching, pyramidTable, slideFacts } from "../../src/info/facts";

const level = {
  level: 0,
  width: 2220,
  height: 2967,
  tile_width: 240,
  tile_height: 240,
  tiles_x: 10,
  tiles_y: 13,
  downsample: 1,
  compression: "JPEG",
  passthrough: true,
};
const slide: SlideMetadata = {
  id: "s-1",
  version: "v",
  format: "Aperio SVS",
  width: 2220,
  height: 2967,
  levels: [level],
  key: "a.svs",
  objective: 20,
  icc_profile: true,
  associated_images: [],
  properties: {},
  scanner: null,
  acquired: "2009-12-29T09:59:15",
  mpp: { x: 0.499, y: 0.499 },
  tile_url: "",
};
const told = (of: SlideMetadata, name: string): string | undefined =>
  slideFacts(of, "a.svs", "en").find((fact) => fact.name === name)?.value;

describe("facts of a slide", () => {
  it("are written with their units", () => {
    expect(told(slide, "Dimensions")).toBe("2,220 × 2,967 px");
    expect(told(slide, "Size")).toBe("1.11 × 1.48 mm");
    expect(told(slide, "Pixel size")).toBe("0.499 µm");
    expect(told(slide, "Scanned with")).toBe("20x");
    expect(told({ ...slide, mpp: { x: 0.25, y: 0.5 } }, "Pixel size")).toBe("0.25 × 0.5 µm");
  });

  it("say what is unknown, and leave out what is not told", () => {
    const bare = { ...slide, mpp: null, objective: null, acquired: null };
    expect(told(bare, "Pixel size")).toBe("unknown");
    expect(told(bare, "Scanned with")).toBe("unknown");
    expect(told(bare, "Size")).toBeUndefined();
    expect(told(bare, "Scanned on")).toBeUndefined();
    expect(told(bare, "Scanner")).toBeUndefined();
  });

  it("tell of each level its size and tiles, and once what all have in common", () => {
    const coarse = { ...level, level: 1, width: 555, height: 741, tiles_x: 3, tiles_y: 4, downsample: 4.0023 };
    const { columns, common } = pyramidTable([level, coarse], "en");
    expect(columns.map(({ values }) => values)).toEqual([
      ["0", "1"],
      ["2,220 × 2,967", "555 × 741"],
      ["1", "4"],
      ["130", "12"],
    ]);
    expect(common).toEqual([
      { name: "Tile size", value: "240 × 240" },
      { name: "Compression", value: "JPEG" },
    ]);
    const mixed = pyramidTable([level, { ...coarse, compression: "LZW" }], "en");
    expect(mixed.columns.at(-1)).toEqual({ title: "Compression", values: ["JPEG", "LZW"] });
    expect(mixed.common.map(({ name }) => name)).toEqual(["Tile size"]);
  });
});

describe("a level without compression", () => {
  it("is told of in the page's language", async () => {
    vi.stubGlobal("document", { documentElement: { lang: "ja" } });
    vi.resetModules();
    const { pyramidTable: inJapanese } = await import("../../src/info/facts");
    vi.unstubAllGlobals();
    expect(inJapanese([{ ...level, compression: "none" }], "ja").common).toContainEqual({
      name: "圧縮",
      value: "なし",
    });
  });
});

describe("when a slide was scanned", () => {
  it("is the scanner's own clock, in the order of the language", () => {
    expect(acquiredText("2009-12-29T09:59:15", "en")).toMatch(/^December 29, 2009.*9:59.AM$/);
    expect(acquiredText("2009-12-29", "en")).toBe("December 29, 2009");
    expect(acquiredText("2009-12-29T23:59:15-08:00", "en")).toMatch(/^December 29, 2009.*11:59.PM \(UTC-08:00\)$/);
    expect(acquiredText("2009-12-29T09:59:15", "ja")).toBe("2009年12月29日 9:59");
  });

  it("is left alone where it is no date", () => {
    expect(acquiredText("2009-99-99", "en")).toBe("2009-99-99");
    expect(acquiredText("last spring", "en")).toBe("last spring");
  });
});

describe("properties", () => {
  it("are found by name and by value, whatever the case, in order", () => {
    const all = { "tiff.Make": "Leica", "aperio.AppMag": "20", "aperio.MPP": "0.499" };
    expect(matching(all, "").map(({ name }) => name)).toEqual(["aperio.AppMag", "aperio.MPP", "tiff.Make"]);
    expect(matching(all, " LEICA ").map(({ name }) => name)).toEqual(["tiff.Make"]);
    expect(matching(all, "appmag").map(({ value }) => value)).toEqual(["20"]);
    expect(matching(all, "none")).toEqual([]);
  });
});
