import { beforeEach, describe, expect, it } from "vitest";
import { type Finished, Pen } from "../../src/marks/drawing/pen";
import type { Kind } from "../../src/marks/model/mark";

const at = (x: number, y = 0) => ({ x, y });
let finished: Finished[] = [];
let pen: Pen;

function use(kind: Kind): void {
  pen.use(kind);
}

function click(x: number, y = 0): void {
  pen.press(at(x, y));
  pen.release(at(x, y));
}

beforeEach(() => {
  finished = [];
  pen = new Pen(
    (a, b) => Math.hypot(a.x - b.x, a.y - b.y),
    () => 1,
  );
  pen.finished.on((one) => finished.push(one));
});

describe("a distance", () => {
  it("is a drag, or two clicks", () => {
    use("distance");
    pen.press(at(0));
    pen.drag(at(50), at(100));
    pen.release(at(100));
    click(10);
    pen.hover(at(30));
    click(60);
    expect(finished.map(({ points }) => points)).toEqual([
      [at(0), at(100)],
      [at(10), at(60)],
    ]);
    expect(pen.isDrawing).toBe(false);
  });

  it("has its second end where the button is let go", () => {
    use("distance");
    click(0);
    pen.press(at(50));
    pen.drag(at(55));
    pen.release(at(55));
    expect(finished[0]?.points).toEqual([at(0), at(55)]);
  });
});

describe("an angle", () => {
  it("takes a drag for its first arm, then a click", () => {
    use("angle");
    pen.press(at(100));
    pen.drag(at(0));
    pen.release(at(0));
    click(0, 100);
    expect(finished[0]?.points).toEqual([at(100), at(0), at(0, 100)]);
  });
});

describe("a polygon", () => {
  beforeEach(() => {
    use("polygon");
    click(0);
    click(100);
    click(100, 100);
  });

  it("ends at its first point, at a double click, or by Enter", () => {
    click(3, 3);
    click(0);
    click(100);
    click(100, 100);
    click(101, 101);
    click(0);
    click(100);
    click(100, 100);
    pen.end();
    expect(finished).toHaveLength(3);
    for (const { points } of finished) expect(points).toHaveLength(3);
  });

  it("gives its points back one by one, and is nothing with two", () => {
    pen.back();
    pen.end();
    expect(finished).toEqual([]);
    pen.back();
    pen.back();
    expect(pen.isDrawing).toBe(false);
    pen.back();
  });

  it("forgets the press that a second finger makes a pinch", () => {
    pen.press(at(50, 200));
    pen.drag(at(60, 200));
    pen.forget();
    pen.release(at(60, 200));
    expect(pen.draft?.points).toEqual([at(0), at(100), at(100, 100)]);
  });

  it("is gone with another tool", () => {
    use("area");
    expect(pen.isDrawing).toBe(false);
    pen.cancel();
    expect(pen.draft?.kind).toBe("area");
  });
});

describe("freehand", () => {
  it("closes where it ends near its start", () => {
    use("freehand");
    pen.press(at(0));
    pen.drag(at(100), at(100, 100), at(50, 100), at(0, 100), at(2, 5));
    pen.release(at(2, 5));
    expect(finished[0]?.points).toEqual([at(0), at(100), at(100, 100), at(0, 100), at(0)]);
  });

  it("is a line where it does not, and nothing where nothing moved", () => {
    use("freehand");
    click(5);
    pen.press(at(0));
    pen.drag(at(50), at(100), at(100, 80));
    pen.release(at(100, 80));
    expect(finished.map(({ points }) => points)).toEqual([[at(0), at(100), at(100, 80)]]);
  });
});

describe("by keyboard", () => {
  it("sets points; the same place twice ends what has corners", () => {
    use("area");
    for (const place of [at(0), at(100), at(100, 100), at(100, 100)]) pen.set(place);
    use("angle");
    for (const place of [at(0), at(0), at(100), at(100, 100)]) pen.set(place);
    use("point");
    pen.set(at(7));
    expect(finished.map(({ points }) => points.length)).toEqual([3, 3, 1]);
  });
});

it("does nothing without a tool", () => {
  click(1);
  pen.drag(at(2));
  pen.end();
  pen.set(at(1));
  expect(finished).toEqual([]);
});

describe("Enter", () => {
  it("ends what the mouse has drawn, and goes on with what the keys have", () => {
    use("polygon");
    click(0);
    click(50);
    expect(pen.isEndedByEnter).toBe(false);
    click(50, 50);
    expect(pen.isEndedByEnter).toBe(true);
    pen.cancel();
    pen.set(at(0));
    pen.set(at(50));
    pen.set(at(50, 50));
    expect(pen.isEndedByEnter).toBe(false);
  });
});

describe("the last point", () => {
  it("is not taken back while the pointer is pressed", () => {
    use("polygon");
    click(0);
    pen.press(at(50));
    pen.back();
    expect(pen.draft?.points).toEqual([at(0), at(50)]);
    pen.release(at(50));
    pen.back();
    expect(pen.draft?.points).toEqual([at(0)]);
  });
});
