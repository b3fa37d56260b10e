// The dialog in which slides are chosen to be shown beside the first.

import { ApiError } from "../api/api-fetch";
import { element } from "../ui/dom";
import { icon } from "../ui/icon";
import { micronsPerPixel, pixels } from "../words/figures";
import { type Continuation, type ListedSlide, listSlides, nameOf, thumbnailOf } from "./slide-list";
import { words } from "./words";

/** Milliseconds without another letter. */
const TYPING = 200;

export interface Picking {
  /** How many more slides fit. */
  readonly free: number;
  /** Ids of those that are open. */
  readonly shown: ReadonlySet<string>;
  choose(ids: readonly string[]): void;
}

/** Opens it; it removes itself. */
export function openPicker(picking: Picking): void {
  new Picker(picking).open();
}

class Picker {
  readonly #chosen = new Map<string, HTMLButtonElement>();
  readonly #search = element("input", { type: "search", autocomplete: "off", "aria-label": words.search });
  readonly #list = element("ul", { class: "picker-list" });
  readonly #said = element("p", { class: "picker-said", role: "status" });
  readonly #more = element("button", { type: "button", hidden: true }, words.more);
  readonly #open = element("button", { type: "submit", class: "main" });
  readonly #dialog: HTMLDialogElement;
  #asking = new AbortController();
  #next: Continuation | null = null;
  #found: readonly string[] = [];
  /** What was searched for when the list was made. */
  #answered: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly picking: Picking) {
    this.#search.placeholder = words.search;
    const cancel = element("button", { type: "button" }, words.cancel);
    cancel.addEventListener("click", () => this.#dialog.close());
    this.#dialog = element(
      "dialog",
      { class: "picker", "aria-label": words.compare },
      element(
        "form",
        { method: "dialog" },
        element("header", {}, element("h2", {}, words.choose), this.#search),
        element("div", { class: "picker-body", tabindex: -1 }, this.#list, this.#said, this.#more),
        element("footer", {}, element("span", {}, words.places(picking.free)), cancel, this.#open),
      ),
    );
    this.#search.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#ask(false), TYPING);
    });
    this.#more.addEventListener("click", () => void this.#ask(true));
    this.#dialog.addEventListener("submit", () => picking.choose([...this.#chosen.keys()]));
    this.#dialog.addEventListener("close", () => {
      clearTimeout(this.#timer);
      this.#asking.abort();
      this.#dialog.remove();
    });
    // Enter in the search field opens what is chosen, else the only slide that is found.
    this.#search.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || this.#chosen.size > 0) return;
      event.preventDefault();
      void this.#openOnly();
    });
  }

  open(): void {
    document.body.append(this.#dialog);
    this.#update();
    this.#dialog.showModal();
    this.#search.focus();
    void this.#ask(false);
  }

  async #openOnly(): Promise<void> {
    const wanted = this.#search.value.trim();
    if (this.#answered !== wanted) {
      clearTimeout(this.#timer);
      await this.#ask(false);
    }
    const [only, ...others] = this.#found;
    const isAnswer = this.#answered === wanted && this.#search.value.trim() === wanted && this.#dialog.open;
    if (!isAnswer || only === undefined || others.length > 0 || this.#next !== null || this.#chosen.size > 0) return;
    this.#dialog.close();
    this.picking.choose([only]);
  }

  async #ask(further: boolean): Promise<void> {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    this.#more.hidden = true;
    if (!further) this.#said.textContent = words.loading;
    try {
      const wanted = this.#search.value.trim();
      const page = await listSlides(wanted, further ? this.#next : null, signal);
      if (signal.aborted) return;
      const cards = page.slides.map((slide) => this.#card(slide));
      if (further) this.#list.append(...cards);
      else this.#list.replaceChildren(...cards);
      this.#next = page.next;
      const ids = page.slides.map(({ id }) => id);
      this.#found = further ? [...this.#found, ...ids] : ids;
      this.#answered = wanted;
      this.#more.hidden = page.next === null;
      const nothing = this.#search.value.trim() === "" ? words.noSlides : words.none;
      this.#said.textContent = this.#list.childElementCount === 0 && page.next === null ? nothing : "";
      // Who is not to know names has nothing to search by.
      if (page.slides.length > 0) this.#search.hidden = page.slides.some(({ key }) => key === null);
    } catch (error) {
      if (signal.aborted) return;
      this.#said.textContent = error instanceof ApiError ? error.message : words.cannotShow;
    }
  }

  #card(slide: ListedSlide): HTMLElement {
    const name = nameOf(slide.key) ?? words.slide(slide.id);
    const folder = slide.key?.slice(0, -name.length).replace(/\/$/, "") ?? "";
    const facts = [
      this.picking.shown.has(slide.id) ? words.shown : "",
      slide.width === undefined || slide.height === undefined ? "" : pixels(slide.width, slide.height, words.pixels),
      slide.mpp === undefined ? "" : micronsPerPixel(slide.mpp),
    ].filter((fact) => fact !== "");
    const address = thumbnailOf(slide);
    const picture =
      address === null
        ? element("span", { class: "thumbnail" })
        : element("img", { class: "thumbnail", src: address, alt: "", loading: "lazy", decoding: "async" });
    const button = element(
      "button",
      { type: "button", class: "picker-card", title: slide.key },
      picture,
      element("strong", {}, name),
      element("small", {}, folder),
      element("small", {}, facts.join(" · ")),
      element("span", { class: "picker-mark" }, icon("check")),
    );
    button.addEventListener("click", () => this.#toggle(slide.id, button));
    if (this.#chosen.has(slide.id)) this.#chosen.set(slide.id, button);
    button.setAttribute("aria-pressed", String(this.#chosen.has(slide.id)));
    return element("li", {}, button);
  }

  #toggle(id: string, button: HTMLButtonElement): void {
    if (this.#chosen.has(id)) this.#chosen.delete(id);
    else if (this.#chosen.size < this.picking.free) this.#chosen.set(id, button);
    button.setAttribute("aria-pressed", String(this.#chosen.has(id)));
    this.#update();
  }

  #update(): void {
    this.#open.textContent = words.open(this.#chosen.size);
    this.#open.disabled = this.#chosen.size === 0;
    this.#list.classList.toggle("full", this.#chosen.size >= this.picking.free);
  }
}
