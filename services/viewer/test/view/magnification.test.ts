import { describe, expect, it } from "vitest";
import { isBeyondScan, isSame, magnificationLabel, presets, scannedPower } from "../../src/view/magnification";

const ANSWERED = { mpp: 0.499, objective: 20 };
const UNKNOWN = { mpp: null, objective: null };

const step = (scale: Parameters<typeof presets>[0], label: string): number =>
  presets(scale).find((preset) => preset.label === label)?.density ?? Number.NaN;

describe("magnification", () => {
  it("is ten over the µm of a device pixel", () => {
    expect(step(ANSWERED, "20x") * 0.499).toBeCloseTo(0.5, 9);
    expect(step(ANSWERED, "40x") * 0.499).toBeCloseTo(0.25, 9);
    expect(step(ANSWERED, "1x") * 0.499).toBeCloseTo(10, 9);
    expect(scannedPower({ mpp: 0.25, objective: 20 })).toBe(40);
  });

  it("comes from the objective where the pixels' size is unknown", () => {
    expect(step({ mpp: null, objective: 20 }, "20x")).toBe(1);
    expect(step({ mpp: null, objective: 40 }, "5x")).toBe(8);
    expect(magnificationLabel({ mpp: null, objective: 40 }, 2)).toBe("20.0x");
  });

  it("is a part of the scan's pixels where nothing is known", () => {
    expect(presets(UNKNOWN).map(({ label }) => label)).toEqual(["5%", "10%", "25%", "50%", "100%", "200%"]);
    expect(step(UNKNOWN, "50%")).toBe(2);
    expect(magnificationLabel(UNKNOWN, 3)).toBe("33%");
    expect(magnificationLabel(UNKNOWN, 400)).toBe("0.3%");
    expect(scannedPower({ mpp: 0, objective: 0 })).toBeNull();
  });

  it("is written with as many digits as mean something", () => {
    expect(magnificationLabel(ANSWERED, 1)).toBe("20.0x");
    expect(magnificationLabel(ANSWERED, 16)).toBe("1.25x");
    expect(magnificationLabel(ANSWERED, 0.1)).toBe("200x");
  });

  it("is beyond the scan where its pixels are larger than the screen's", () => {
    expect(isBeyondScan(1)).toBe(false);
    expect(isBeyondScan(step(ANSWERED, "20x"))).toBe(false);
    expect(isBeyondScan(0.998)).toBe(false); // a scan of 0.501 µm a pixel is one of 20x
    expect(isBeyondScan(step(ANSWERED, "40x"))).toBe(true);
    expect(isSame(2, 2.001)).toBe(true);
    expect(isSame(1, 1.002)).toBe(false);
  });
});
