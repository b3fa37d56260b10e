import { describe, expect, it } from "vitest";

import { type Kind, newMark } from "../../src/marks/model/mark";
import { type Drawn, drawing } from "../../src/marks/shown/drawing";
import { projectionOf } from "../../src/marks/shown/projection";
import { shapeOf } from "../../src/marks/shown/shape";
import type { Point } from "../../src/view/point";

const AS_IT_IS = projectionOf((place) => place, 1000, 1000);
const SCREEN = { width: 800, height: 600 };

function drawn(kind: Kind, points: readonly Point[], text: string): Drawn {
  const mark = newMark(kind, points, "#111111", 1);
  return { mark, shape: shapeOf(mark), text, isStrong: false };
}

const line = (y: number): Drawn =>
  drawn(
    "distance",
    [
      { x: 100, y },
      { x: 300, y },
    ],
    `${y}.0 µm`,
  );

describe("labels", () => {
  it("of marks that are close to each other are all shown, none over another", () => {
    const { labels } = drawing([line(200), line(206), line(212)], AS_IT_IS, SCREEN);
    expect(labels.map(({ text }) => text)).toEqual(["200.0 µm", "206.0 µm", "212.0 µm"]);
    const heights = labels.map(({ at }) => at.y).sort((a, b) => a - b);
    for (const [i, y] of heights.entries()) if (i > 0) expect(y - (heights[i - 1] ?? 0)).toBeGreaterThanOrEqual(18);
  });

  it("of angles touch no arm", () => {
    const middle = { x: 400, y: 300 };
    for (let turn = 0; turn < 360; turn += 15) {
      for (const opening of [10, 90, 170, 180]) {
        const end = (degrees: number): Point => ({
          x: middle.x + 200 * Math.cos((degrees * Math.PI) / 180),
          y: middle.y + 200 * Math.sin((degrees * Math.PI) / 180),
        });
        const arms = [end(turn), middle, end(turn + opening)];
        const [label] = drawing([drawn("angle", arms, "123.4°")], AS_IT_IS, SCREEN).labels;
        if (label === undefined) throw new Error("a label");
        // the label's box, and each arm in small steps
        const box = { left: label.at.x - 24, right: label.at.x + 24, top: label.at.y - 18, bottom: label.at.y };
        for (const arm of [end(turn), end(turn + opening)]) {
          for (let share = 0; share <= 1; share += 0.02) {
            const x = middle.x + share * (arm.x - middle.x);
            const y = middle.y + share * (arm.y - middle.y);
            const isOn = x > box.left && x < box.right && y > box.top && y < box.bottom;
            expect(isOn, `${turn}° ${opening}°`).toBe(false);
          }
        }
      }
    }
  });
});
