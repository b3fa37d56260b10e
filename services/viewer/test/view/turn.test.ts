import { describe, expect, it } from "vitest";
import { normalized } from "../../src/view/turn";

describe("normalized", () => {
  it.each([
    [0, 0],
    [90, 90],
    [180, 180],
    [-180, 180],
    [270, -90],
    [-450, -90],
    [720, 0],
    [33.5, 33.5],
  ])("%d degrees are %d", (degrees, within) => expect(normalized(degrees)).toBe(within));
});
