import { describe, expect, it } from "vitest";

import { comparePath, formatScene, parseScene, type Scene } from "../../src/share/place";

const NOTHING: Scene = { look: null, beside: [], linked: false };
const LOOK = { x: 1200.5, y: -900.1234, downsample: 4.251234567, rotation: 30, flipped: true };

describe("a fragment", () => {
  it("is short and readable", () => {
    expect(formatScene({ ...NOTHING, look: LOOK })).toBe("x=1200.5&y=-900.1234&z=4.251234567&r=30&flip=1");
    expect(formatScene({ ...NOTHING, look: { ...LOOK, rotation: 359.99999, flipped: false } })).toBe(
      "x=1200.5&y=-900.1234&z=4.251234567",
    );
    expect(formatScene(NOTHING)).toBe("");
  });

  it("is read as it was written, and written again the same", () => {
    const scene: Scene = {
      look: LOOK,
      linked: true,
      beside: [
        { id: "s-abc", access: {}, look: { ...LOOK, x: 1 / 3, rotation: 0, flipped: false } },
        { id: "Case 7/ä&b=c#d.svs", access: { exp: "1999999999", vt: "ab12" }, look: null },
        { id: "s-abc", access: {}, look: { ...LOOK, downsample: Math.PI * 1e-2 } },
      ],
    };
    const once = formatScene(scene);
    expect(formatScene(parseScene(`#${once}`))).toBe(once);
    const read = parseScene(once);
    expect(read.linked).toBe(true);
    expect(read.look).toEqual(LOOK);
    expect(read.beside.map(({ id }) => id)).toEqual(["s-abc", "Case 7/ä&b=c#d.svs", "s-abc"]);
    expect(read.beside[1]).toEqual({ id: "Case 7/ä&b=c#d.svs", access: { exp: "1999999999", vt: "ab12" }, look: null });
    expect(Math.abs((read.beside[0]?.look?.x ?? 0) - 1 / 3)).toBeLessThan(1e-4);
  });

  it.each(["with=..", "with=.", "with=%2E%2e&x=1&y=1&z=1"])("takes no id that leads elsewhere: %s", (fragment) => {
    expect(parseScene(fragment)).toEqual(NOTHING);
    expect(parseScene(`${fragment}&with=..b`).beside.map(({ id }) => id)).toEqual(["..b"]);
  });

  it("gives each slide what stands after its id", () => {
    const { look, beside } = parseScene("#with=a&x=1&y=2&z=3&with=b&x=4&y=5&z=6&r=-90");
    expect(look).toBeNull();
    expect(beside.map((one) => [one.id, one.look?.x, one.look?.rotation])).toEqual([
      ["a", 1, 0],
      ["b", 4, 270],
    ]);
  });

  it.each([
    "",
    "#",
    "&&&=",
    "x=1&y=2",
    "x=1&y=2&z=0",
    "x=1&y=2&z=-4",
    "x=NaN&y=2&z=4",
    "x=Infinity&y=2&z=4",
    "x=0x10&y=2&z=4",
    "x=&y=2&z=4",
    "x=1..2&y=2&z=4",
    "x=1e300&y=2&z=4",
    "z=%E3%81&x=1&y=2",
    "with=&x=1&y=1&z=1",
    "link=1",
    "section-2",
    "constructor=1&__proto__=2",
  ])("that is broken tells nothing: %s", (fragment) => {
    expect(parseScene(fragment)).toEqual(NOTHING);
  });

  it("keeps what is sound beside what is not", () => {
    const found = parseScene("x=5&y=6&z=2&r=north&flip=yes&later=7&with=a&x=%&exp=soon&vt=1&with=b&exp=12&vt=%3Cb%3E");
    expect(found.look).toEqual({ x: 5, y: 6, downsample: 2, rotation: 0, flipped: false });
    expect(found.beside).toEqual([
      { id: "a", access: {}, look: null },
      { id: "b", access: {}, look: null },
    ]);
  });

  it("holds three slides beside the first, and passes over more", () => {
    expect(parseScene("with=a&with=b&with=c&with=d").beside).toHaveLength(3);
    expect(parseScene(`with=${"k".repeat(2000)}`).beside).toEqual([]);
  });
});

describe("the address of a comparison", () => {
  it("keeps the first one's query and adds the others with their tokens", () => {
    const path = comparePath({ link: "/view/s-1?exp=5&sig=a%2Bb#x=1" }, [
      { id: "s-2", access: { exp: "5", vt: "ff" } },
      { id: "s-3", access: {} },
    ]);
    expect(path).toBe("/view/s-1?exp=5&sig=a%2Bb#link=1&with=s-2&exp=5&vt=ff&with=s-3");
    expect(parseScene(path.slice(path.indexOf("#"))).linked).toBe(true);
  });

  it("is the first one's own where there are no others", () => {
    expect(comparePath({ link: "/view/s-1?exp=5&sig=a" }, [])).toBe("/view/s-1?exp=5&sig=a");
  });
});
