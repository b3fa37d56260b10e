// The slides that fit what is asked, as far as they are loaded: page by page, each from where the one before ended.

import { ApiError } from "../api/api-fetch";
import { Signal } from "../ui/signal";
import { ask, type ListedSlide, type Nothing, type SlidePage } from "./data";

interface Loaded {
  readonly url: string;
  readonly page: SlidePage;
}

/** Fetches a page; the tests give another one. */
export type AskPage = (url: string, signal: AbortSignal) => Promise<SlidePage>;

/** As many slides from the beginning are read anew as a whole: new ones may come anywhere among them. */
const ANEW = 1_000;

export class SlideList {
  /** Other slides are there, or the list's end has been found. */
  readonly changed = new Signal();
  slides: readonly ListedSlide[] = [];
  /** Why there are none. */
  nothing: Nothing | null = null;
  /** Why the last page can't be had. */
  error: ApiError | null = null;
  #pages: Loaded[] = [];
  #asking: Promise<void> | null = null;
  /** What has failed. */
  #again: ((signal: AbortSignal) => Promise<void>) | null = null;
  #abort = new AbortController();

  constructor(private readonly askPage: AskPage = ask) {}

  /** Whether all are loaded. */
  get isComplete(): boolean {
    return this.#pages.length > 0 && this.#next === null;
  }

  get isLoading(): boolean {
    return this.#asking !== null;
  }

  /** What the page came with. */
  start(url: string, page: SlidePage): void {
    this.#set([{ url, page }]);
  }

  /** Another list; what is under way for the last one is dropped. What is shown stays until an answer is there. */
  async open(url: string): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    await this.#once(async (signal) => {
      try {
        this.#set([{ url, page: await this.#ask(url, signal) }]);
      } catch (error) {
        if (!signal.aborted) this.#set([]); // the last list's slides are no answer
        throw error;
      }
    });
  }

  /** The next page, or what is under way already: at most one is asked for at a time. */
  async more(): Promise<void> {
    if (this.#asking !== null) return this.#asking;
    const url = this.#next;
    if (url === null) return;
    await this.#once(async (signal) => this.#set([...this.#pages, { url, page: await this.#ask(url, signal) }]));
  }

  /** What has failed once more. */
  async retry(): Promise<void> {
    const again = this.#again;
    this.error = null;
    if (again !== null && this.#asking === null) await this.#once(again);
  }

  /** Reads anew what is shown: the slides up to `to`, or those from `from` on where that would be many. */
  async refresh(from: number, to: number): Promise<void> {
    if (this.#asking !== null || this.#pages.length === 0) return;
    await this.#once(async (signal) => {
      const start = to <= ANEW ? 0 : this.#pageOf(from);
      const kept = this.#pages.slice(0, start);
      let count = kept.reduce((sum, { page }) => sum + page.slides.length, 0);
      let url: string | null = this.#pages[start]?.url ?? null;
      const fresh: Loaded[] = [];
      while (url !== null && (fresh.length === 0 || count < to)) {
        const page = await this.#ask(url, signal);
        fresh.push({ url, page });
        count += page.slides.length;
        url = page.next;
      }
      const tail = this.#pages.findIndex((old) => old.url === url);
      this.#set([...kept, ...fresh, ...(tail < 0 ? [] : this.#pages.slice(tail))]);
    });
  }

  /** @throws whatever `signal` is aborted with, even where an answer came all the same. */
  async #ask(url: string, signal: AbortSignal): Promise<SlidePage> {
    const page = await this.askPage(url, signal);
    signal.throwIfAborted();
    return page;
  }

  get #next(): string | null {
    return this.#pages.at(-1)?.page.next ?? null;
  }

  #pageOf(index: number): number {
    let end = 0;
    for (const [i, { page }] of this.#pages.entries()) {
      end += page.slides.length;
      if (index < end) return i;
    }
    return Math.max(0, this.#pages.length - 1);
  }

  #set(pages: Loaded[]): void {
    this.#pages = pages;
    this.error = null;
    const before = new Map(this.slides.map((slide) => [slide.id, slide]));
    const byId = new Map<string, ListedSlide>(); // a slide that moved meanwhile may be on two pages
    for (const { page } of pages) for (const slide of page.slides) byId.set(slide.id, asBefore(slide, before));
    this.slides = [...byId.values()];
    this.nothing = this.slides.length === 0 ? (pages[0]?.page.nothing ?? null) : null;
  }

  async #once(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.#abort;
    const done = this.#attempt(work, signal);
    this.#asking = done;
    this.changed.emit();
    await done;
    if (this.#asking === done) this.#asking = null;
    if (!signal.aborted) this.changed.emit();
  }

  async #attempt(work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await work(signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#again = work;
      this.error = error instanceof ApiError ? error : new ApiError(String(error), 0);
    }
  }
}

/** The same object where nothing of it has changed: what shows it needn't be made anew. */
function asBefore(slide: ListedSlide, before: ReadonlyMap<string, ListedSlide>): ListedSlide {
  const old = before.get(slide.id);
  return old !== undefined && (old === slide || JSON.stringify(old) === JSON.stringify(slide)) ? old : slide;
}
