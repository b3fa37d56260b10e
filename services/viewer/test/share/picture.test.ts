import { describe, expect, it } from "vitest";
import { adjust } from "../../src/share/adjust";
import { fileName } from "../../src/share/file-name";

describe("a copied picture", () => {
  it("has the colours of the screen, and its own alpha", () => {
    const pixels = new Uint8ClampedArray([0, 10, 255, 77, 1, 2, 3, 255]);
    adjust(
      pixels,
      Uint8Array.from({ length: 256 }, (_, value) => 255 - value),
    );
    expect([...pixels]).toEqual([255, 245, 0, 77, 254, 253, 252, 255]);
  });

  it("is called as the page calls the slide, where a file can be", () => {
    expect(fileName("CMU-1-Small-Region.svs")).toBe("CMU-1-Small-Region view.png");
    expect(fileName('a/b\\c:*?"<>|d\u0007.ome.tif')).toBe("a_b_c_d_.ome view.png");
    expect(fileName("s".repeat(300)).length).toBeLessThan(130);
  });
});
