// Shows a long list with few elements: only what is on screen, or close to it, is in the page.

import { element } from "../ui/dom";
import { Signal } from "../ui/signal";
import type { ListedSlide } from "./data";
import { type Choice, card, line, reopen, skeleton } from "./item";
import {
  type Layout,
  layoutOf,
  placeOf,
  type Range,
  rangeOn,
  scrollTo,
  step,
  totalHeight,
  type ViewKind,
} from "./layout";
import { stopLoading } from "./thumbnail";

interface Shown {
  readonly element: HTMLElement;
  readonly slide: ListedSlide | null;
}

/** Pixels around the screen in which there are elements too. */
const BEYOND = 600;

export class VirtualList {
  readonly element = element("div", { class: "virtual" });
  /** What is on screen is another part of the list. */
  readonly moved = new Signal<Range>();
  #kind: ViewKind = "grid";
  #slides: readonly ListedSlide[] = [];
  /** Slides that are still to come; null: not known how many. */
  #isComplete = true;
  #layout: Layout = layoutOf("grid", 0, 16);
  #shown = new Map<number, Shown>();
  /** The folder that is open. */
  #open = "";
  #frame = 0;

  constructor(
    private readonly scroller: HTMLElement,
    private readonly choice: Choice,
  ) {
    scroller.addEventListener("scroll", () => this.#soon(), { passive: true });
    new ResizeObserver(() => this.#resize()).observe(scroller);
    this.element.addEventListener("keydown", this.#onKey);
  }

  get layout(): Layout {
    return this.#layout;
  }

  /** Of slides that are loaded; the rest of `count` is still to come. `open`: the folder they are in. */
  show(slides: readonly ListedSlide[], isComplete: boolean, open: string): void {
    if (open !== this.#open) {
      this.#open = open;
      for (const { element: item, slide } of this.#shown.values()) if (slide !== null) reopen(item, slide, open);
    }
    this.#slides = slides;
    this.#isComplete = isComplete;
    this.update();
  }

  setKind(kind: ViewKind): void {
    const first = this.onScreen.from;
    this.#kind = kind;
    this.#clear();
    this.#measure();
    this.element.replaceChildren();
    this.update();
    this.scroller.scrollTop = first === 0 ? 0 : placeOf(this.#layout, first).y;
    this.update();
  }

  /** The slides on screen. */
  get onScreen(): Range {
    return rangeOn(this.#layout, this.#count, this.#top, this.scroller.clientHeight);
  }

  /** The first slide on screen, and how far its top is below the screen's: to come back to. */
  anchor(): { id: string; offset: number } | null {
    if (this.#top <= 0) return null; // what comes in front is to be seen
    const focused = this.#focused();
    const index = focused ?? this.onScreen.from;
    const slide = this.#slides[index];
    if (slide === undefined) return null;
    return { id: slide.id, offset: placeOf(this.#layout, index).y - this.#top };
  }

  /** Scrolls that the slide is where it was. */
  keep(anchor: { id: string; offset: number } | null): void {
    if (anchor === null) return;
    const index = this.#slides.findIndex((slide) => slide.id === anchor.id);
    if (index >= 0) this.scroller.scrollTop += placeOf(this.#layout, index).y - anchor.offset - this.#top;
  }

  /** Others are chosen. */
  rechoose(): void {
    for (const { element: item, slide } of this.#shown.values()) {
      const box = slide === null ? null : item.querySelector<HTMLInputElement>("input[type=checkbox]");
      if (slide !== null && box !== null) box.checked = this.choice.isChosen(slide);
    }
  }

  update(): void {
    this.element.style.height = `${totalHeight(this.#layout, this.#count)}px`;
    const { from, to } = rangeOn(this.#layout, this.#count, this.#top, this.scroller.clientHeight, BEYOND);
    const focused = this.#focusedId();
    const wanted = new Map<number, ListedSlide | null>();
    for (let i = from; i < to; i++) wanted.set(i, this.#slides[i] ?? null);
    const kept = focused === null ? -1 : this.#slides.findIndex((slide) => slide.id === focused);
    if (kept >= 0) wanted.set(kept, this.#slides[kept] ?? null);
    this.#arrange(wanted);
    if (kept >= 0 && this.#focusedId() === null) this.#focusOf(kept)?.focus({ preventScroll: true });
    this.moved.emit(this.onScreen);
  }

  /** Scrolls to an item and focuses it. */
  focus(index: number): void {
    this.scroller.scrollTop = scrollTo(this.#layout, index, this.#top, this.scroller.clientHeight);
    this.update();
    this.#focusOf(index)?.focus({ preventScroll: true });
  }

  #arrange(wanted: ReadonlyMap<number, ListedSlide | null>): void {
    const before = new Map([...this.#shown.values()].map((shown) => [shown.slide, shown]));
    const after = new Map<number, Shown>();
    for (const [i, slide] of [...wanted].sort(([a], [b]) => a - b)) {
      const same = this.#shown.get(i);
      const known = slide !== null ? before.get(slide) : same?.slide === null ? same : undefined;
      after.set(i, known ?? { element: this.#make(slide), slide });
    }
    const stay = new Set([...after.values()].map((shown) => shown.element));
    for (const { element: old } of this.#shown.values()) {
      if (stay.has(old)) continue;
      stopLoading(old);
      old.remove();
    }
    this.#shown = after;
    let at = this.element.firstElementChild;
    for (const [i, { element: item }] of after) {
      if (item === at) at = at.nextElementSibling;
      else this.element.insertBefore(item, at);
      this.#place(item, i);
    }
  }

  #place(item: HTMLElement, index: number): void {
    const { x, y } = placeOf(this.#layout, index);
    item.style.width = `${this.#layout.width}px`;
    item.style.height = `${this.#layout.height}px`;
    item.style.transform = `translate(${x}px, ${y}px)`;
    item.dataset["index"] = String(index);
    if (this.#kind === "table") item.setAttribute("aria-rowindex", String(index + 2));
    else {
      item.setAttribute("aria-posinset", String(index + 1));
      item.setAttribute("aria-setsize", String(this.#isComplete ? this.#slides.length : -1));
    }
  }

  #make(slide: ListedSlide | null): HTMLElement {
    const inner =
      slide === null
        ? skeleton(this.#kind)
        : this.#kind === "grid"
          ? card(slide, this.choice, this.#open)
          : line(slide, this.choice, this.#open);
    inner.setAttribute("role", this.#kind === "grid" ? "listitem" : "row");
    inner.classList.add("item");
    return inner;
  }

  get #count(): number {
    if (this.#isComplete) return this.#slides.length;
    const { columns } = this.#layout;
    return (Math.ceil(this.#slides.length / columns) + (this.#kind === "grid" ? 2 : 6)) * columns;
  }

  /** How far the list is scrolled, of itself. */
  get #top(): number {
    return this.scroller.scrollTop - this.element.offsetTop;
  }

  #focused(): number | null {
    const id = this.#focusedId();
    const index = id === null ? -1 : this.#slides.findIndex((slide) => slide.id === id);
    return index < 0 ? null : index;
  }

  #focusedId(): string | null {
    const active = document.activeElement;
    for (const { element: item, slide } of this.#shown.values()) {
      if (slide !== null && item.contains(active)) return slide.id;
    }
    return null;
  }

  #focusOf(index: number): HTMLElement | null {
    const item = this.#shown.get(index)?.element;
    return (item?.matches("[data-focus]") === true ? item : item?.querySelector<HTMLElement>("[data-focus]")) ?? null;
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const item = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-index]") : null;
    if (item === null) return;
    const to = step(event.key, Number(item.dataset["index"]), this.#slides.length, this.#layout.columns);
    if (to === null) return;
    event.preventDefault();
    this.focus(to);
  };

  #soon(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.update();
    });
  }

  #resize(): void {
    const anchor = this.anchor();
    this.#measure();
    this.keep(anchor);
    this.update();
  }

  #measure(): void {
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.#layout = layoutOf(this.#kind, this.scroller.clientWidth, rem);
  }

  #clear(): void {
    for (const { element: item } of this.#shown.values()) {
      stopLoading(item);
      item.remove();
    }
    this.#shown.clear();
  }
}
