import { describe, expect, it } from "vitest";
import { isNeutral, lut, NEUTRAL } from "../../src/view/picture-adjust";

describe("lut", () => {
  it("changes nothing when neutral", () => {
    expect([...lut(NEUTRAL)]).toEqual(Array.from({ length: 256 }, (_, value) => value));
    expect(isNeutral({ brightness: 0, contrast: 0, gamma: 1 })).toBe(true);
    expect(isNeutral({ ...NEUTRAL, gamma: 1.1 })).toBe(false);
  });

  it("adds brightness and stays within 0 and 255", () => {
    const lighter = lut({ ...NEUTRAL, brightness: 20 });
    expect([lighter[0], lighter[100], lighter[240]]).toEqual([51, 151, 255]);
    expect(new Set(lut({ ...NEUTRAL, brightness: -100 }))).toEqual(new Set([0]));
  });

  it("turns contrast around the middle", () => {
    const doubled = lut({ ...NEUTRAL, contrast: 50 });
    expect([doubled[0], doubled[63], doubled[192], doubled[255]]).toEqual([0, 0, 255, 255]);
    expect(Math.abs((doubled[127] ?? 0) - 127) + Math.abs((doubled[128] ?? 0) - 128)).toBeLessThan(3);
    const flat = lut({ ...NEUTRAL, contrast: -100 });
    expect([flat[0], flat[255]]).toEqual([96, 159]);
  });

  it("keeps black and white under gamma", () => {
    const light = lut({ ...NEUTRAL, gamma: 2 });
    expect([light[0], light[64], light[255]]).toEqual([0, 128, 255]);
    expect(lut({ ...NEUTRAL, gamma: 0.5 })[128]).toBe(64);
  });

  it("never turns the order of two values", () => {
    const table = [...lut({ brightness: -13, contrast: 37, gamma: 0.7 })];
    expect([...table].sort((a, b) => a - b)).toEqual(table);
  });
});
