import { describe, expect, it } from "vitest";

import { type Change, History } from "../../src/marks/model/history";
import { newMark } from "../../src/marks/model/mark";
import { SlideMarks } from "../../src/marks/model/slide-marks";
import { Undo } from "../../src/marks/model/undo";

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

  it("takes back a point of what is being drawn first, and leaves finished marks alone meanwhile", () => {
    const marks = new SlideMarks();
    marks.put([A]);
    let points = 2;
    const unfinished = {
      get isDrawing() {
        return points > 0;
      },
      back: () => {
        points -= 1;
      },
    };
    const undo = new Undo(
      () => marks,
      () => [marks],
      () => unfinished,
    );
    undo.undo();
    undo.undo();
    expect(points).toBe(0);
    expect(marks.all).toEqual([A]);
    undo.undo();
    expect(marks.all).toEqual([]);
    points = 1;
    expect(undo.canRedo).toBe(false);
    undo.redo();
    expect(marks.all).toEqual([]);
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
    for (let i = 0; i < 500; i += 1) history.did([{ before: null, after: A }], i);
    let count = 0;
    while (history.undo(0) !== null) count += 1;
    expect(count).toBe(200);
  });
});

describe("what another tab has changed since", () => {
  it("is not overwritten by undo or redo; the other marks of the same action are", () => {
    const marks = new SlideMarks();
    marks.put([A, B]);
    marks.put([{ ...A, label: "here" }]);
    const theirs = { ...A, label: "there" };
    marks.learn([theirs]);
    marks.undo(); // B alone: the label of A is theirs now
    expect(marks.all).toEqual([theirs]);
    expect(marks.canUndo).toBe(false);
    marks.redo();
    expect(marks.all).toEqual([theirs, B]);
  });

  it("is not brought back where it was deleted there", () => {
    const marks = new SlideMarks();
    marks.put([A]);
    marks.undo();
    expect(marks.canRedo).toBe(true);
    marks.learn([], [A.id]);
    expect(marks.canRedo).toBe(false);
  });
});

describe("undo over several panes", () => {
  let time = 0;
  const [left, right, third] = [1, 2, 3].map(() => new SlideMarks(() => time++)) as [
    SlideMarks,
    SlideMarks,
    SlideMarks,
  ];
  let active: SlideMarks | null = null;
  const undo = new Undo(
    () => active,
    () => [left, right, third],
  );

  it("is of the active slide first, then of what was changed last", () => {
    expect(undo.canUndo).toBe(false);
    undo.undo();
    left.put([A]);
    third.put([A]);
    right.put([A]);
    third.put([B]);
    active = left;
    undo.undo();
    expect([left.count, right.count, third.count]).toEqual([0, 1, 2]);
    undo.undo();
    expect([left.count, right.count, third.count]).toEqual([0, 1, 1]);
    undo.undo();
    expect([left.count, right.count, third.count]).toEqual([0, 0, 1]);
    active = null;
    undo.undo();
    expect(undo.canUndo).toBe(false);
    undo.redo();
    expect([left.count, right.count, third.count]).toEqual([0, 0, 1]);
    active = left;
    undo.redo();
    undo.redo();
    expect([left.count, right.count, third.count]).toEqual([1, 1, 1]);
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
