// The marks of a slide as one pane shows them, and the one that is being drawn there.

import { Signal } from "../../ui/signal";
import type { Pane } from "../../view/pane";
import type { Point } from "../../view/point";
import { shownPoints } from "../drawing/draft";
import { handles } from "../drawing/handles";
import { handleAt, markAt } from "../drawing/hit-test";
import { Pen } from "../drawing/pen";
import type { Tools } from "../drawing/tools";
import { measureText } from "../model/format";
import { leastPoints, type Mark, newMark } from "../model/mark";
import { measures } from "../model/measure";
import type { SlideMarks } from "../model/slide-marks";
import { type Drawing, type Drawn, drawing, type Size } from "./drawing";
import { Overlay } from "./overlay";
import { inverse, type Projection, project, projectionOf } from "./projection";
import { shapeOf } from "./shape";

const DRAFT = "draft";

export class PaneMarks {
  readonly pen: Pen;
  readonly #overlay = new Overlay();
  readonly #ends: (() => void)[];
  /** What does not change while only the picture moves. */
  #list: readonly Drawn[] | null = null;
  #drawn = new Map<string, Drawn>();
  #preview: Mark | null = null;
  /** `preview` is another. */
  readonly previewed = new Signal();
  /** The last one that was drawn. */
  #view = "";

  constructor(
    readonly pane: Pane,
    readonly marks: SlideMarks,
    private readonly tools: Tools,
  ) {
    this.pen = new Pen(
      (a, b) => this.#pixels(a, b),
      () => pane.downsample,
    );
    // over the picture, under the overview: both are in OpenSeadragon's own element
    pane.viewer.canvas.after(this.#overlay.element);
    this.#ends = [
      pane.moved.on(() => this.draw(false)),
      marks.changed.on(() => this.draw()),
      tools.changed.on(() => this.#takeTool()),
      this.pen.changed.on(() => this.draw()),
    ];
    this.#takeTool();
  }

  destroy(): void {
    for (const end of this.#ends) end();
    this.#overlay.element.remove();
  }

  get projection(): Projection | null {
    if (!this.pane.viewer.isOpen()) return null;
    const { width, height } = this.pane.slide.metadata;
    return projectionOf((place) => this.pane.toScreen(place), width, height);
  }

  get size(): Size {
    return { width: this.pane.element.clientWidth, height: this.pane.element.clientHeight };
  }

  /** The selected mark as it would be if the drag ended here; null: as it is. */
  get dragged(): Mark | null {
    return this.#preview;
  }

  preview(mark: Mark | null): void {
    this.#preview = mark;
    this.draw();
    this.previewed.emit();
  }

  cross(isShown: boolean): void {
    const { width, height } = this.size;
    this.#overlay.cross(isShown ? { x: Math.round(width / 2), y: Math.round(height / 2) } : null);
  }

  markAt(place: Point, reach: number): Mark | null {
    const projection = this.projection;
    return projection === null ? null : markAt(this.#all(), place, reach, projection);
  }

  handleAt(place: Point, reach: number): number | null {
    const { selected } = this.marks;
    const projection = this.projection;
    return selected === null || projection === null ? null : handleAt(selected, place, reach, projection);
  }

  /** A move on the screen as one on the slide. */
  bySlide(by: Point): Point {
    const projection = this.projection;
    if (projection === null) return { x: 0, y: 0 };
    return project({ ...inverse(projection), e: 0, f: 0 }, by);
  }

  /** @param isChanged false: only where the picture may have moved. */
  draw(isChanged = true): void {
    if (isChanged) this.#list = null;
    const projection = this.projection;
    if (projection === null) return;
    const { width, height } = this.size;
    const view = [...Object.values(projection), width, height].join(" ");
    if (!isChanged && view === this.#view) return;
    this.#view = view;
    const { selected } = this.marks;
    const held = this.tools.kind === null && selected !== null ? handles(this.#preview ?? selected) : [];
    const draft = this.pen.draft?.kind === "freehand" ? [] : (this.pen.draft?.points ?? []);
    const places = (selected?.isLocked === true ? [] : held).concat(draft.length > 1 || held.length === 0 ? draft : []);
    this.#overlay.draw(
      drawing(this.#all(), projection, { width, height }),
      places.map((place) => project(projection, place)),
    );
  }

  /** What is in view, as it is drawn for `marks`. */
  drawing(marks: Iterable<Mark>): Drawing | null {
    const projection = this.projection;
    if (projection === null) return null;
    const all = [...marks].map((mark) => this.#made(mark, false));
    return drawing(all, projection, this.size);
  }

  /** The strong first: their labels are to be there. */
  #all(): readonly Drawn[] {
    this.#list ??= this.#listed();
    return this.#list;
  }

  #listed(): Drawn[] {
    const { selected } = this.marks;
    const draft = this.#draftMark();
    const drawn = new Map<string, Drawn>();
    const rest: Drawn[] = [];
    for (const mark of this.marks.all) {
      if (mark === selected) continue;
      const before = this.#drawn.get(mark.id);
      const now = before?.mark === mark && !before.isStrong ? before : this.#made(mark, false);
      drawn.set(mark.id, now);
      rest.push(now);
    }
    this.#drawn = drawn;
    const strong = [draft, this.#preview ?? selected].filter((mark) => mark !== null);
    return [...strong.map((mark) => this.#made(mark, true)), ...rest];
  }

  #made(mark: Mark, isStrong: boolean): Drawn {
    const isWhole = mark.points.length >= leastPoints(mark.kind);
    const measure = isWhole ? measureText(measures(mark, this.pane.slide.metadata.mpp)) : "";
    const label = mark.label === "" ? (mark.classification ?? "") : mark.label;
    return { mark, isStrong, shape: shapeOf(mark), text: [label, measure].filter((part) => part !== "").join(" · ") };
  }

  #draftMark(): Mark | null {
    const { draft } = this.pen;
    if (draft === null || draft.points.length === 0) return null;
    return { ...newMark(draft.kind, shownPoints(draft), this.tools.colour, 0), id: DRAFT };
  }

  #takeTool(): void {
    if ((this.pen.draft?.kind ?? null) !== this.tools.kind) this.pen.use(this.tools.kind);
    this.draw();
  }

  #pixels(a: Point, b: Point): number {
    const [from, to] = [this.pane.toScreen(a), this.pane.toScreen(b)];
    return Math.hypot(to.x - from.x, to.y - from.y);
  }
}
