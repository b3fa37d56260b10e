// How far indexing is: asked for every few seconds, but only while something is under way and somebody looks.

import { element } from "../ui/dom";
import { Signal } from "../ui/signal";
import { number } from "../words/figures";
import { ask, type Progress } from "./data";
import { words } from "./words";

const PAUSE = 3_000;

export interface Share {
  readonly done: number;
  readonly all: number;
}

/** Of all slides, those that wait for nothing. */
export function shareOf(progress: Progress): Share | null {
  if (progress.counts === null) return null;
  const all = Object.values(progress.counts).reduce((sum, count) => sum + count, 0);
  return { done: all - progress.counts.pending, all };
}

export class ProgressBar {
  readonly element = element("div", { class: "progress", hidden: true });
  /** There may be other slides than before, or the same in another state. */
  readonly advanced = new Signal();
  /** Another number of slides in all. */
  readonly counted = new Signal<number>();
  readonly #bar = element("progress", { id: "progress" });
  readonly #label = element("label", { for: "progress" });
  #last = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `waits` tells whether slides in the list wait for their index. */
  constructor(
    private readonly url: string,
    private readonly waits: () => boolean,
  ) {
    this.element.append(this.#label, this.#bar);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") void this.look();
    });
  }

  /** Asks, and goes on asking as long as there is reason to. */
  async look(): Promise<void> {
    clearTimeout(this.#timer);
    let goesOn = true;
    try {
      goesOn = this.#show(await ask<Progress>(this.url, new AbortController().signal));
    } catch {
      // the list itself says what is wrong
    }
    if (goesOn && document.visibilityState === "visible") this.#timer = setTimeout(() => void this.look(), PAUSE);
  }

  #show(progress: Progress): boolean {
    const share = shareOf(progress);
    const isPending = share !== null ? share.done < share.all : this.waits();
    this.element.hidden = !(progress.scanning || (share !== null && isPending));
    this.#label.textContent =
      share !== null && isPending ? words.indexedOf(number(share.done), number(share.all)) : words.scanRuns;
    if (share !== null && isPending) {
      this.#bar.max = share.all;
      this.#bar.value = share.done;
    } else this.#bar.removeAttribute("value");
    if (share !== null) this.counted.emit(share.all);
    const now = JSON.stringify(progress);
    // Who may not know the counts is shown the list anew each time.
    const hasAdvanced =
      this.#last !== "" && (now !== this.#last || (share === null && (progress.scanning || isPending)));
    this.#last = now;
    if (hasAdvanced) this.advanced.emit();
    return progress.scanning || isPending;
  }
}
