// Search, status, order, and cards or a table.

import { element } from "../ui/dom";
import { icon } from "../ui/icon";
import { Signal } from "../ui/signal";
import { STATUSES, type Status } from "./data";
import type { ViewKind } from "./layout";
import { folderName, type Question, SORTS, type Sort } from "./question";
import { words } from "./words";

/** Milliseconds without a key after which the search begins. */
const PAUSE = 200;

export class Controls {
  /** Something else is asked; `typed`: by typing on. */
  readonly asked = new Signal<{ question: Question; typed: boolean }>();
  readonly kindChosen = new Signal<ViewKind>();
  readonly search: HTMLFormElement;
  readonly choices: HTMLElement;
  readonly #input: HTMLInputElement;
  readonly #status: HTMLSelectElement;
  readonly #sort: HTMLSelectElement;
  readonly #grid = kindButton("grid", words.asGrid);
  readonly #table = kindButton("table", words.asTable);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private question: Question,
    names: boolean,
    controls: boolean,
  ) {
    this.#input = element("input", { id: "q", name: "q", type: "search", autocomplete: "off", spellcheck: "false" });
    this.search = element(
      "form",
      { role: "search", class: "search", hidden: !(controls && names) },
      element(
        "label",
        { for: "q", title: words.search },
        icon("search"),
        element("span", { class: "unseen" }, words.search),
      ),
      this.#input,
    );
    this.#status = select("status", words.status, [
      ["", words.anyStatus],
      ...STATUSES.map((s) => [s, words[s]] as const),
    ]);
    const sorts = SORTS.filter((sort) => names || sort === "key" || sort.endsWith("size"));
    this.#sort = select(
      "sort",
      words.order,
      sorts.map((sort) => [sort, names || sort !== "key" ? words[sort] : words.usualOrder] as const),
    );
    const kinds = element("div", { class: "kinds", role: "group" }, this.#grid, this.#table);
    const chosen = controls ? [this.#status, this.#sort] : [];
    this.choices = element("div", { class: "choices" }, ...chosen, kinds);
    this.#listen();
    this.show(question);
  }

  /** What is asked now, from wherever. */
  show(question: Question): void {
    this.question = question;
    if (this.#input.value.trim() !== question.search) this.#input.value = question.search;
    const within =
      question.prefix === "" ? words.searchAll : words.searchIn(folderName(question.prefix) || question.prefix);
    this.#input.placeholder = within;
    this.#status.value = question.status ?? "";
    this.#sort.value = question.sort;
  }

  showKind(kind: ViewKind): void {
    this.#grid.setAttribute("aria-pressed", String(kind === "grid"));
    this.#table.setAttribute("aria-pressed", String(kind === "table"));
  }

  #listen(): void {
    this.#input.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#searchFor(), PAUSE);
    });
    this.search.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#searchFor();
    });
    this.#status.addEventListener("change", () => this.#ask({ status: (this.#status.value || null) as Status | null }));
    this.#sort.addEventListener("change", () => this.#ask({ sort: this.#sort.value as Sort }));
    this.#grid.addEventListener("click", () => this.kindChosen.emit("grid"));
    this.#table.addEventListener("click", () => this.kindChosen.emit("table"));
  }

  #searchFor(): void {
    clearTimeout(this.#timer);
    const search = this.#input.value.trim();
    if (search !== this.question.search) this.#ask({ search }, true);
  }

  #ask(change: Partial<Question>, typed = false): void {
    this.asked.emit({ question: { ...this.question, ...change }, typed });
  }
}

function select(id: string, label: string, options: readonly (readonly [string, string])[]): HTMLSelectElement {
  return element(
    "select",
    { id, "aria-label": label, title: label },
    ...options.map(([value, text]) => element("option", { value }, text)),
  );
}

function kindButton(kind: ViewKind, label: string): HTMLButtonElement {
  return element("button", { type: "button", id: `as-${kind}`, "aria-label": label, title: label }, icon(kind));
}
