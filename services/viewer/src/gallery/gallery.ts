// The list of slides: what is asked of it, what is loaded, and what is shown belong together here.

import { comparePath } from "../share/place";
import { element, setAttributes } from "../ui/dom";
import { icon } from "../ui/icon";
import { number } from "../words/figures";
import { Breadcrumbs } from "./breadcrumbs";
import { Controls } from "./controls";
import type { GalleryPage, ListedSlide } from "./data";
import { FolderTree } from "./folder-tree";
import type { ViewKind } from "./layout";
import { Message } from "./message";
import { hadFolders, type Place, readPlace, savedKind, saveFolders, saveKind, savePlace } from "./place";
import { ProgressBar } from "./progress";
import { isSame, pathOf, type Question, readQuestion } from "./question";
import { mayDiffer, Refresher } from "./refresher";
import { Selection } from "./selection";
import { SlideList } from "./slide-list";
import { type TableHead, tableHead } from "./table-head";
import { VirtualList } from "./virtual-list";
import { words } from "./words";

/** Slides that one answer has when the list is to be as long as it was. */
const MANY = 1_000;
/** Rows of cards that are loaded beyond those on screen. */
const AHEAD = 12;

export class Gallery {
  readonly #scroller = element("main", { class: "slides", tabindex: -1 });
  readonly #body = element("div", { class: "list-body" });
  readonly #count = element("p", { class: "count", role: "status" });
  readonly #list = new SlideList();
  readonly #selection = new Selection(showSideBySide);
  readonly #view = new VirtualList(this.#scroller, this.#selection);
  readonly #message = new Message(() => void this.#list.retry());
  readonly #controls: Controls;
  readonly #tree = new FolderTree((prefix) => pathOf({ ...this.#question, prefix }));
  readonly #crumbs = new Breadcrumbs(
    (prefix) => pathOf({ ...this.#question, prefix }),
    (prefix) => void this.#ask({ ...this.#question, prefix }),
  );
  readonly #progress: ProgressBar;
  readonly #refresher = new Refresher(
    () => this.#mayDiffer(),
    () => void this.#list.refresh(this.#view.onScreen.from, this.#view.onScreen.to),
  );
  readonly #head: TableHead;
  #question: Question = readQuestion(location.search);
  /** Where the slides are that are shown. */
  #folder = "";
  #kind: ViewKind = savedKind();
  /** Of all slides there are; null where that is not known. */
  #all: number | null = null;

  constructor(private readonly page: GalleryPage) {
    this.#controls = new Controls(this.#question, page.names, page.controls);
    this.#head = tableHead(page.names, (sort) => void this.#ask({ ...this.#question, sort }));
    this.#progress = new ProgressBar(page.progress, () =>
      this.#list.slides.some((slide) => slide.status === "pending"),
    );
    this.#layOut();
    this.#listen();
  }

  async start(): Promise<void> {
    const withFolders = this.page.names && this.page.controls;
    document.body.classList.toggle("has-folders", withFolders && hadFolders());
    this.#setKind(this.#kind);
    this.#crumbs.show(this.#question.prefix);
    this.#list.start(this.#here, this.page.list);
    this.#listed();
    const place = readPlace();
    if (place !== null) await this.#goTo(place);
    void this.#progress.look();
    if (!withFolders) return;
    const hasFolders = await this.#tree.load();
    saveFolders(hasFolders);
    document.body.classList.toggle("has-folders", hasFolders);
    await this.#tree.show(this.#question.prefix);
  }

  /** The list's own URL: a signed link only as it is. */
  get #here(): string {
    return this.page.controls ? pathOf(this.#question) : location.pathname + location.search;
  }

  #layOut(): void {
    const folders = element(
      "button",
      {
        type: "button",
        class: "show-folders",
        "aria-label": words.showFolders,
        title: words.showFolders,
        "aria-controls": "folders",
      },
      icon("folders"),
    );
    folders.addEventListener("click", () => document.body.classList.toggle("folders-open"));
    const { user } = this.page;
    const bar = element(
      "header",
      { class: "bar" },
      folders,
      element("h1", {}, words.slides),
      this.#controls.search,
      user === null ? null : userForm(user),
    );
    const tools = element("div", { class: "list-tools" }, this.#crumbs.element, this.#count, this.#controls.choices);
    this.#body.append(this.#head.element, this.#view.element);
    this.#scroller.append(this.#body, this.#message.element);
    const part = element(
      "div",
      { class: "list-part" },
      tools,
      this.#progress.element,
      this.#scroller,
      this.#selection.element,
    );
    document.body.append(bar, element("div", { class: "list-desk" }, this.#tree.element, part));
    document.title = words.slides;
  }

  #listen(): void {
    this.#controls.asked.on(({ question, typed }) => void this.#ask(question, typed && this.#question.search !== ""));
    this.#controls.kindChosen.on((kind) => this.#setKind(kind));
    this.#tree.chosen.on((prefix) => {
      document.body.classList.remove("folders-open");
      void this.#ask({ ...this.#question, prefix });
    });
    this.#list.changed.on(() => this.#listed());
    this.#view.moved.on(() => this.#loadAhead());
    this.#view.moved.on(() => this.#refresher.look());
    this.#progress.advanced.on(() => this.#refresher.changed());
    this.#progress.counted.on((all) => {
      this.#all = all;
      this.#countSlides();
    });
    this.#selection.changed.on(() => this.#view.rechoose());
    const save = (): void => {
      const anchor = this.#view.anchor();
      savePlace(anchor === null ? null : { ...anchor, slides: this.#list.slides.length });
    };
    this.#scroller.addEventListener("scrollend", save);
    window.addEventListener("pagehide", save);
    this.#scroller.addEventListener("click", save, { capture: true });
    window.addEventListener("popstate", () => void this.#wentBack());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") document.body.classList.remove("folders-open");
    });
  }

  /** Another list. `replaces`: it takes the last one's place in the browser's history. */
  async #ask(question: Question, replaces = false): Promise<void> {
    if (isSame(question, this.#question)) return;
    if (replaces) history.replaceState(null, "", pathOf(question));
    else history.pushState(null, "", pathOf(question));
    await this.#open(question);
  }

  async #open(question: Question, many = false): Promise<void> {
    this.#question = question;
    this.#controls.show(question);
    this.#crumbs.show(question.prefix);
    this.#head.show(question.sort);
    void this.#tree.show(question.prefix);
    this.#scroller.classList.add("waiting");
    await this.#list.open(pathOf(question, many ? MANY : undefined));
    if (!isSame(question, this.#question)) return;
    this.#scroller.classList.remove("waiting");
    if (!many) this.#scroller.scrollTop = 0;
    this.#view.update();
  }

  async #wentBack(): Promise<void> {
    const question = readQuestion(location.search);
    const place = readPlace();
    if (!isSame(question, this.#question)) await this.#open(question);
    if (place !== null) await this.#goTo(place);
  }

  /** Loads as many slides as there were, and scrolls to where it was. */
  async #goTo({ slides, ...anchor }: Place): Promise<void> {
    if (slides > this.#list.slides.length && this.page.controls) await this.#open(this.#question, true);
    while (slides > this.#list.slides.length && !this.#list.isComplete && this.#list.error === null)
      await this.#list.more();
    this.#view.update();
    this.#view.keep(anchor);
    this.#view.update();
  }

  #setKind(kind: ViewKind): void {
    this.#kind = kind;
    saveKind(kind);
    document.body.dataset["kind"] = kind;
    this.#controls.showKind(kind);
    this.#head.show(this.#question.sort);
    this.#head.element.hidden = kind !== "table";
    setAttributes(
      this.#body,
      kind === "table" ? { role: "table", "aria-label": words.slides } : { role: null, "aria-label": null },
    );
    setAttributes(this.#view.element, {
      role: kind === "table" ? "rowgroup" : "list",
      "aria-label": kind === "table" ? null : words.slides,
    });
    this.#view.setKind(kind);
  }

  #listed(): void {
    const anchor = this.#view.anchor();
    if (!this.#list.isLoading) this.#folder = this.#question.prefix; // until then the last folder's slides are shown
    this.#view.show(this.#list.slides, this.#list.isComplete || this.#list.error !== null, this.#folder);
    this.#view.keep(anchor);
    this.#countSlides();
    this.#message.show(this.#list, this.#question, (question) => void this.#ask(question));
    this.#head.element.classList.toggle("unseen", this.#list.slides.length === 0);
  }

  #loadAhead(): void {
    const { to } = this.#view.onScreen;
    const ahead = AHEAD * this.#view.layout.columns;
    if (this.#list.error === null && to + ahead > this.#list.slides.length) void this.#list.more();
  }

  #mayDiffer(): boolean {
    const { slides, isComplete, isLoading } = this.#list;
    const { from, to } = this.#view.onScreen;
    const waits = slides.slice(from, to).map(({ status }) => status === "pending");
    return !isLoading && mayDiffer(waits, isComplete && to >= slides.length);
  }

  #countSlides(): void {
    const { slides, isComplete } = this.#list;
    const isWhole = this.#question.search === "" && this.#question.prefix === "" && this.#question.status === null;
    const known = isComplete ? slides.length : isWhole ? this.#all : null;
    if (known === null) this.#count.textContent = slides.length === 0 ? "" : words.countSoFar(number(slides.length));
    else this.#count.textContent = known === 0 ? "" : words.count(number(known), known === 1);
  }
}

function showSideBySide([first, ...others]: readonly ListedSlide[]): void {
  if (first?.link != null) location.assign(comparePath({ link: first.link }, others));
}

function userForm(user: string): HTMLElement {
  return element(
    "form",
    { class: "who", method: "post", action: "/auth/logout" },
    element("span", {}, user),
    element("button", {}, words.signOut),
  );
}
