// Two to four slides that are to be seen side by side.

import { element } from "../ui/dom";
import { icon } from "../ui/icon";
import { Signal } from "../ui/signal";
import type { ListedSlide } from "./data";
import type { Choice } from "./item";
import { words } from "./words";

const MOST = 4;

export class Selection implements Choice {
  readonly changed = new Signal();
  readonly element: HTMLElement;
  readonly #count = element("span", { role: "status" });
  readonly #compare = element("button", { type: "button", class: "primary" }, words.compare);
  #chosen: readonly ListedSlide[] = [];

  /** `compare` shows slides side by side. */
  constructor(compare: (slides: readonly ListedSlide[]) => void) {
    const clear = element(
      "button",
      { type: "button", "aria-label": words.clearSelection, title: words.clearSelection },
      icon("close"),
    );
    this.element = element(
      "div",
      { class: "selection", role: "region", "aria-label": words.compare, hidden: true },
      this.#count,
      element("span", { class: "hint" }, words.compareHint),
      this.#compare,
      clear,
    );
    clear.addEventListener("click", () => this.#set([]));
    this.#compare.addEventListener("click", () => compare(this.#chosen));
  }

  readonly isChosen = (slide: ListedSlide): boolean => this.#chosen.some((other) => other.id === slide.id);

  /** A fifth takes no one's place: it is not chosen. */
  readonly toggle = (slide: ListedSlide): void => {
    if (this.isChosen(slide)) this.#set(this.#chosen.filter((other) => other.id !== slide.id));
    else if (this.#chosen.length < MOST) this.#set([...this.#chosen, slide]);
  };

  #set(chosen: readonly ListedSlide[]): void {
    const cleared = chosen.length === 0;
    this.#chosen = chosen;
    this.element.hidden = cleared;
    this.#count.textContent = words.selected(chosen.length);
    this.#compare.disabled = chosen.length < 2;
    this.changed.emit();
  }
}
