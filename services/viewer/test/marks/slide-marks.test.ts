import { describe, expect, it } from "vitest";

import { type Change, History } from "../../src/marks/history";
import { newMark } from "../../src/marks/mark";
import { SlideMarks } from "../../src/marks/slide-marks";

const A = newMark("point", [{ x: 1, y: 1 }], "#111111", 1);
const B = newMark("point", [{ x: 2, y: 2 }], "#111111", 2);

describe("undo", () => {
  it("takes back what was put, changed and removed, one action at a time, and does it again", () => {
    const marks = new SlideMarks();
    const changed = { ...A, label: "a" };
    marks.put([A, B]);
    marks.put([changed]);
    marks.remove([A.id, B.id]);
    expect(marks.count).toBe(0);
    marks.undo();
    expect(marks.all).toEqual(expect.arrayContaining([changed, B]));
    marks.undo();
    expect(marks.find(A.id)).toBe(A);
    marks.redo();
    expect(marks.find(A.id)).toBe(changed);
    marks.undo();
    marks.undo();
    expect(marks.count).toBe(0);
    expect(marks.canUndo).toBe(false);
    marks.undo();
    marks.redo();
    expect(marks.count).toBe(2);
  });

  it("ends with the next action", () => {
    const marks = new SlideMarks();
    marks.put([A]);
    marks.undo();
    marks.put([B]);
    expect(marks.canRedo).toBe(false);
    marks.redo();
    expect(marks.all).toEqual([B]);
  });

  it("leaves alone what came from elsewhere, and is kept like any change", () => {
    const marks = new SlideMarks();
    const made: Change[] = [];
    marks.made.on((change) => made.push(change));
    marks.learn([A]);
    expect(marks.canUndo).toBe(false);
    marks.put([B]);
    marks.undo();
    expect(marks.all).toEqual([A]);
    expect(made).toEqual([[{ before: null, after: B }], [{ before: B, after: null }]]);
  });

  it("forgets what is long ago", () => {
    const history = new History();
    for (let i = 0; i < 500; i += 1) history.did([{ before: null, after: A }]);
    let count = 0;
    while (history.undo() !== null) count += 1;
    expect(count).toBe(200);
  });
});

it("what is removed is no longer selected", () => {
  const marks = new SlideMarks();
  marks.put([A]);
  marks.select(A.id);
  expect(marks.selected).toBe(A);
  marks.learn([], [A.id]);
  expect(marks.selected).toBeNull();
});
