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
  const through = (fingers: TwoFingers, gesture: string, angles: number[]): number[] =>
    angles.map((angle) => Math.round(fingers.step(gesture, at(angle))));

  it("ignores what hands turn while they pinch", () => {
    expect(through(new TwoFingers(), "a", [0, 4, -2, 3, 9, 6, -3])).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it("follows once it is meant, without a jump", () => {
    expect(through(new TwoFingers(), "a", [90, 97, 104, 107, 105])).toEqual([0, 0, 0, 3, -2]);
  });

  it("begins anew with other touches", () => {
    const fingers = new TwoFingers();
    expect(through(fingers, "a", [0, 20, 40])).toEqual([0, 0, 20]);
    expect(through(fingers, "b", [0, 10, 0])).toEqual([0, 0, 0]);
  });
});
