import { describe, expect, it } from "vitest";
import { scaleBar } from "../../src/view/scale-bar";

describe("scaleBar", () => {
  it.each([
    [0.5, "50 µm", 100],
    [10, "1 mm", 100],
    [100, "10 mm", 100],
    [0.001, "100 nm", 100],
    [0.02, "2 µm", 100],
    [33, "5 mm", 5000 / 33],
  ])("at %d µm a pixel is %s", (microns, label, pixels) => {
    const bar = scaleBar(microns, 160);
    expect(bar.label).toBe(label);
    expect(bar.pixels).toBeCloseTo(pixels, 6);
  });

  it("is never longer than it may be, and never shorter than two fifths of that", () => {
    for (let microns = 0.01; microns < 200; microns *= 1.07) {
      const { pixels } = scaleBar(microns, 160);
      expect(pixels).toBeLessThanOrEqual(160);
      expect(pixels).toBeGreaterThan(63);
    }
  });
});
