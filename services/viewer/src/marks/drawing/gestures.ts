// Mouse, touch and pen over a pane: drawing, selecting, moving. What is not for marks is left to the picture.

import OpenSeadragon from "openseadragon";

import type { Point } from "../../view/point";
import { PIXELS } from "../geometry/geometry";
import { isBox, type Kind, type Mark } from "../model/mark";
import type { PaneMarks } from "../shown/pane-marks";
import { movedBy, opposite, withHandle } from "./handles";
import { SpaceKey } from "./space-key";
import { squared, straightened } from "./straight";
import type { Tools } from "./tools";

/** CSS pixels from a mark that still mean it. */
const REACH = { mouse: 7, touch: 16 };

type Held =
  | { readonly what: "pen" }
  /** A drag that has ended before the button was let go. */
  | { readonly what: "nothing" }
  | { readonly what: "pan"; readonly last: Point }
  | {
      readonly what: "mark";
      readonly mark: Mark;
      readonly handle: number | null;
      readonly from: Point;
      readonly now: Mark;
    };

export class Gestures {
  readonly #held = new Map<number, Held>();
  #press: { id: number; at: Point } | null = null;
  readonly #space: SpaceKey;
  readonly #ending = new AbortController();
  readonly #ends: (() => void)[];

  constructor(
    private readonly shown: PaneMarks,
    private readonly tools: Tools,
  ) {
    const { element } = shown.pane;
    this.#space = new SpaceKey(element, () => this.#isTool);
    this.#ends = [tools.changed.on(() => this.#space.release()), shown.marks.changed.on(() => this.#keepTrue())];
    const listen = <K extends keyof HTMLElementEventMap>(type: K, run: (event: HTMLElementEventMap[K]) => void): void =>
      element.addEventListener(type, run, { capture: true, signal: this.#ending.signal });
    listen("pointerdown", (event) => this.#down(event));
    listen("pointermove", (event) => this.#move(event));
    // after a touch it comes late, and would take the focus from where a text is asked for
    listen("mousedown", (event) => {
      if (this.#isTool && event.target instanceof Node && shown.pane.viewer.canvas.contains(event.target)) {
        event.preventDefault();
      }
    });
    listen("pointerup", (event) => this.#up(event));
    listen("pointercancel", (event) => this.#cancel(event));
    for (const type of ["keydown", "keyup"] as const) {
      document.addEventListener(type, (event) => this.#shift(event), { signal: this.#ending.signal });
    }
  }

  destroy(): void {
    this.#ending.abort();
    this.#space.destroy();
    for (const end of this.#ends) end();
  }

  /** Whether a press draws. */
  get #isTool(): boolean {
    return this.tools.kind !== null;
  }

  /** A mark that was changed, deleted or let go of while it is dragged must not come back as it was. */
  #keepTrue(): void {
    for (const [id, held] of this.#held) {
      if (held.what !== "mark" || this.shown.marks.selected === held.mark) continue;
      this.#held.set(id, { what: "nothing" });
      this.shown.preview(null);
    }
  }

  #down(event: PointerEvent): void {
    const { pane, pen } = this.shown;
    if (!(event.target instanceof Node) || !pane.viewer.canvas.contains(event.target)) return;
    const at = this.#place(event);
    if (this.#isTool && !this.#space.isHeld) {
      if (event.button === 1 || (event.pointerType === "touch" && this.#held.size > 0)) {
        this.#startPan(event, at);
        return;
      }
      if (event.button !== 0 || this.#held.size > 0) return;
      this.#hold(event, { what: "pen" });
      this.#hovered = null;
      pen.press(this.#drawn(at, event.shiftKey));
      return;
    }
    if (event.button !== 0) return;
    const held = this.#grip(event, at);
    if (held === null) this.#press = { id: event.pointerId, at };
    else this.#hold(event, held);
  }

  /** The selected mark can be taken hold of. */
  #grip(event: PointerEvent, at: Point): Held | null {
    const { marks } = this.shown;
    const { selected } = marks;
    if (selected === null || selected.isLocked === true || this.#space.isHeld) return null;
    const handle = this.shown.handleAt(at, reach(event) + 2);
    if (handle === null && this.shown.markAt(at, reach(event))?.id !== selected.id) return null;
    return { what: "mark", mark: selected, handle, from: at, now: selected };
  }

  /** Two fingers, or the middle button, move the picture while a tool is chosen. */
  #startPan(event: PointerEvent, at: Point): void {
    event.preventDefault(); // the middle button's own scrolling
    this.shown.pen.forget();
    for (const id of this.#held.keys()) this.#held.set(id, { what: "pan", last: this.#lasts.get(id) ?? at });
    this.#hold(event, { what: "pan", last: at });
  }

  readonly #lasts = new Map<number, Point>();
  /** Where the pointer is over the picture while a tool is chosen and nothing is pressed; null: elsewhere. */
  #hovered: Point | null = null;

  #hold(event: PointerEvent, held: Held): void {
    event.stopPropagation();
    this.#press = null;
    const { element, viewer } = this.shown.pane;
    viewer.canvas.focus({ preventScroll: true });
    element.setPointerCapture(event.pointerId);
    this.#held.set(event.pointerId, held);
    this.#lasts.set(event.pointerId, this.#place(event));
  }

  #move(event: PointerEvent): void {
    const { pen } = this.shown;
    const at = this.#place(event);
    const held = this.#held.get(event.pointerId);
    if (held === undefined) {
      this.#hover(event, at);
      return;
    }
    event.stopPropagation();
    if (held.what === "pen") pen.drag(...all(event).map((part) => this.#drawn(this.#place(part), part.shiftKey)));
    else if (held.what === "pan") this.#pan(event.pointerId, at);
    else if (held.what === "mark") this.#moveMark(event.pointerId, held, at, event.shiftKey);
    this.#lasts.set(event.pointerId, at);
  }

  #hover(event: PointerEvent, at: Point): void {
    if (event.pointerType === "touch") return;
    const { pane, pen } = this.shown;
    const isOver = event.target instanceof Node && pane.viewer.canvas.contains(event.target);
    if (this.#isTool) {
      this.#hovered = isOver ? at : null;
      if (isOver) pen.hover(this.#drawn(at, event.shiftKey));
      return;
    }
    if (event.buttons !== 0) return;
    const grip = isOver ? this.#grip(event, at) : null;
    const hint = grip !== null ? "move" : isOver && this.shown.markAt(at, reach(event)) !== null ? "select" : "";
    pane.element.dataset["marks"] = hint;
  }

  #moveMark(id: number, held: Extract<Held, { what: "mark" }>, at: Point, isShift: boolean): void {
    const { pane } = this.shown;
    if (Math.hypot(at.x - held.from.x, at.y - held.from.y) < 3 && held.now === held.mark) return;
    const [from, to] = [pane.toSlide(held.from), pane.toSlide(at)];
    const now =
      held.handle === null
        ? movedBy(held.mark, { x: to.x - from.x, y: to.y - from.y }, Date.now())
        : withHandle(held.mark, held.handle, this.#taken(at, isShift, held.mark, held.handle), Date.now());
    this.#held.set(id, { ...held, now });
    this.shown.preview(now);
  }

  /** With two fingers the picture grows by as much as they part. */
  #pan(id: number, at: Point): void {
    const last = this.#lasts.get(id) ?? at;
    const { viewer } = this.shown.pane;
    const { viewport } = viewer;
    const fingers = [...this.#held.keys()].length;
    const other = [...this.#lasts].find(([key]) => key !== id && this.#held.has(key))?.[1];
    const flip = viewport.getFlip() ? -1 : 1;
    const by = new OpenSeadragon.Point((-flip * (at.x - last.x)) / fingers, -(at.y - last.y) / fingers);
    viewport.panBy(viewport.deltaPointsFromPixels(by), true);
    if (other !== undefined) {
      const [before, now] = [last, at].map((place) => Math.hypot(place.x - other.x, place.y - other.y));
      if (before !== undefined && now !== undefined && before > 20 && now > 20)
        viewport.zoomBy(now / before, undefined, true);
    }
    viewport.applyConstraints();
  }

  #up(event: PointerEvent): void {
    const held = this.#held.get(event.pointerId);
    const at = this.#place(event);
    if (held === undefined) {
      this.#click(event, at);
      return;
    }
    event.stopPropagation();
    this.#release(event.pointerId);
    if (held.what === "pen") this.shown.pen.release(this.#drawn(at, event.shiftKey));
    if (held.what !== "mark") return;
    this.shown.preview(null);
    if (held.now !== held.mark) this.shown.marks.put([held.now]);
  }

  /** A press that did not move selects what is there, or nothing. */
  #click(event: PointerEvent, at: Point): void {
    const press = this.#press;
    this.#press = null;
    if (press?.id !== event.pointerId || Math.hypot(at.x - press.at.x, at.y - press.at.y) > 4) return;
    this.shown.marks.select(this.shown.markAt(at, reach(event))?.id ?? null);
  }

  #cancel(event: PointerEvent): void {
    const held = this.#held.get(event.pointerId);
    this.#press = null;
    if (held === undefined) return;
    this.#release(event.pointerId);
    if (held.what === "pen") this.shown.pen.forget();
    if (held.what === "mark") this.shown.preview(null);
  }

  #release(id: number): void {
    this.#held.delete(id);
    this.#lasts.delete(id);
  }

  /** Shift is pressed or let go of, and the pointer rests: what is seen is what a release would make. */
  #shift({ key, type }: KeyboardEvent): void {
    if (key !== "Shift") return;
    const isShift = type === "keydown";
    const { pen } = this.shown;
    for (const [id, held] of this.#held) {
      const at = this.#lasts.get(id);
      if (at === undefined) continue;
      if (held.what === "mark") this.#moveMark(id, held, at, isShift);
      else if (held.what === "pen" && pen.draft?.kind !== "freehand") pen.drag(this.#drawn(at, isShift));
    }
    if (this.#isTool && this.#hovered !== null && this.#held.size === 0) {
      pen.hover(this.#drawn(this.#hovered, isShift));
    }
  }

  /** Where the pen draws, on the slide. */
  #drawn(at: Point, isShift: boolean): Point {
    const { draft, anchor } = this.shown.pen;
    const isFree = draft === null || draft.kind === "freehand";
    return this.#aimed(at, isShift, isFree ? null : draft.kind, anchor);
  }

  /** Where a handle is dragged to, on the slide. */
  #taken(at: Point, isShift: boolean, mark: Mark, handle: number): Point {
    return this.#aimed(at, isShift, mark.kind, opposite(mark, handle));
  }

  /** With Shift a box becomes a square, and lines go on straight as the screen has it. */
  #aimed(at: Point, isShift: boolean, kind: Kind | null, anchor: Point | null): Point {
    const { pane } = this.shown;
    const to = pane.toSlide(at);
    if (!isShift || kind === null || anchor === null) return to;
    if (isBox(kind)) return squared(anchor, to, pane.slide.metadata.mpp ?? PIXELS);
    return pane.toSlide(straightened(pane.toScreen(anchor), at));
  }

  #place(event: MouseEvent): Point {
    const box = this.shown.pane.element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }
}

function reach(event: PointerEvent): number {
  return event.pointerType === "touch" ? REACH.touch : REACH.mouse;
}

/** All places since the last event: a pen tells more of them than there are frames. */
function all(event: PointerEvent): PointerEvent[] {
  const parts = event.getCoalescedEvents?.() ?? [];
  return parts.length === 0 ? [event] : parts;
}
