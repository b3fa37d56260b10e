import { describe, expect, it } from "vitest";
import { TwoFingers, turned } from "../../src/view/two-fingers";

const at = (degrees: number): [{ x: number; y: number }, { x: number; y: number }] => {
  const [x, y] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return [
    { x: 100 + 50 * x, y: 100 + 50 * y },
    { x: 100 - 50 * x, y: 100 - 50 * y },
  ];
};

describe("turned", () => {
  it.each([
    [0, 30, 30],
    [30, 0, -30],
    [170, -170, 20],
    [-170, 170, -20],
  ])("from %d to %d degrees is %d", (from, to, degrees) => {
    expect(turned(at(from), at(to))).toBeCloseTo(degrees, 9);
  });
});

describe("TwoFingers", () => {
  it("ignores what hands turn while they pinch", () => {
    const fingers = new TwoFingers();
    expect([4, -6, 5, 6, -3, -9].map((step) => fingers.step("a", step))).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("follows once it is meant, without a jump", () => {
    const fingers = new TwoFingers();
    expect([7, 7, 3, -2].map((step) => fingers.step("a", step))).toEqual([0, 0, 3, -2]);
  });

  it("begins anew with other touches", () => {
    const fingers = new TwoFingers();
    for (const step of [10, 10, 10]) fingers.step("a", step);
    expect(fingers.step("b", 10)).toBe(0);
    expect(fingers.step("b", -10)).toBe(0);
  });
});
