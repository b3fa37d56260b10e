// The panel of marks: all of them, the selected one, and files.

import { element } from "../../ui/dom";
import { download, plainName } from "../../ui/download";
import type { PanelContent } from "../../ui/side-panel";
import type { Tools } from "../drawing/tools";
import { problemText, readText, skippedText } from "../geojson/files";
import { type Imported, readGeoJson } from "../geojson/geojson-read";
import { toGeoJson } from "../geojson/geojson-write";
import { measureText } from "../model/format";
import type { KeptMarks } from "../model/kept-marks";
import type { Mark } from "../model/mark";
import { measures } from "../model/measure";
import type { Undo } from "../model/undo";
import type { PaneMarks } from "../shown/pane-marks";
import { words } from "../words";
import { goTo, isOutsideSlide } from "./go-to";
import { button, markEditor, markFacts } from "./mark-editor";
import { markList } from "./mark-list";
import { palette } from "./palette";

/** More rows than that are made when they are asked for. */
const ROWS = 200;

export class MarkPanel implements PanelContent {
  readonly title = words.title;
  #root: HTMLElement | null = null;
  readonly #top = element("div", { class: "mark-top" });
  readonly #editor = element("div");
  readonly #list = element("div");
  /** What an import has done, or a question. */
  readonly #answer = element("div", { class: "mark-answer", role: "status" });
  #edited: Mark | null = null;
  #rows = ROWS;

  constructor(
    private readonly active: () => PaneMarks | null,
    private readonly tools: Tools,
    private readonly kept: KeptMarks,
    private readonly history: Undo,
  ) {
    kept.changed.on(() => this.update());
    tools.changed.on(() => this.update());
  }

  render(): HTMLElement {
    this.#root = element("div", { class: "mark-panel" }, this.#top, this.#answer, this.#editor, this.#list);
    this.#answer.replaceChildren();
    this.#rows = ROWS;
    this.#edited = null;
    this.update();
    return this.#root;
  }

  closed(): void {
    this.#root = null;
  }

  focusEditor(): void {
    this.#editor.querySelector<HTMLElement>("[data-field=label]")?.focus();
  }

  /** Marks, the selection, the colour or the pane are others. */
  update(): void {
    const shown = this.active();
    if (this.#root === null || shown === null) return;
    const focus = focusIn(this.#root);
    this.#showTop(shown);
    this.#showEditor(shown);
    this.#showList(shown);
    if (shown.dragged !== null) this.follow(shown);
    focus?.(this.#root);
  }

  /** A mark is being dragged: only what is measured of it is another. */
  follow(shown: PaneMarks): void {
    if (this.#root === null || shown !== this.active()) return;
    const mark = shown.dragged ?? shown.marks.selected;
    if (mark === null) return;
    const { mpp } = shown.pane.slide.metadata;
    const facts = markFacts(mark, mpp);
    if (facts !== null) this.#editor.querySelector(".mark-facts")?.replaceWith(facts);
    const row = this.#list.querySelector(`[data-mark="${CSS.escape(mark.id)}"] .mark-measure`);
    if (row !== null) row.textContent = measureText(measures(mark, mpp));
  }

  #showTop(shown: PaneMarks): void {
    const { count } = shown.marks;
    const { canUndo, canRedo } = this.history;
    const remove = button(words.removeAll, () => this.#askRemoveAll(shown));
    const save = button(words.exportFile, () => this.#export(shown));
    const [undo, redo] = [button(words.undo, () => this.history.undo()), button(words.redo, () => this.history.redo())];
    undo.disabled = !canUndo;
    redo.disabled = !canRedo;
    remove.disabled = count === 0;
    save.disabled = count === 0;
    const isMetric = shown.pane.slide.metadata.mpp !== null;
    this.#top.replaceChildren(
      element("p", { class: "mark-count" }, count === 0 ? words.empty : words.count(count)),
      element("p", { class: "mark-quiet" }, this.kept.isKept ? words.kept : words.notKept),
      ...(isMetric ? [] : [element("p", { class: "mark-quiet" }, words.noScale)]),
      element("div", { class: "mark-row" }, save, this.#importButton(shown), undo, redo, remove),
      palette(words.colourOfNew, this.tools.colour, (colour) => this.tools.paint(colour)),
    );
  }

  #showEditor(shown: PaneMarks): void {
    const { marks, pane } = shown;
    const { selected } = marks;
    if (selected === this.#edited && this.#editor.childElementCount > 0) return;
    this.#edited = selected;
    if (selected === null) {
      this.#editor.replaceChildren();
      return;
    }
    const edit = (change: Partial<Mark>): void => {
      const mark = marks.find(selected.id); // it may have been moved meanwhile
      if (mark !== null) marks.put([{ ...mark, ...change, changed: Date.now() }]);
    };
    const remove = (): void => marks.remove([selected.id]);
    this.#editor.replaceChildren(
      markEditor(selected, pane.slide.metadata.mpp, edit, () => goTo(pane, selected), remove),
    );
  }

  #showList(shown: PaneMarks): void {
    const { marks, pane } = shown;
    const list = markList(marks.all, marks.selected, pane.slide.metadata.mpp, this.#rows, {
      goTo: (mark) => {
        marks.select(mark.id);
        goTo(pane, mark);
      },
      remove: (mark) => marks.remove([mark.id]),
    });
    const rest = marks.count - this.#rows;
    const more = button(words.more(Math.min(rest, ROWS)), () => {
      this.#rows += ROWS;
      this.update();
    });
    this.#list.replaceChildren(list, ...(rest > 0 ? [more] : []));
  }

  #askRemoveAll({ marks }: PaneMarks): void {
    this.#ask(words.reallyRemoveAll(marks.count), words.yesRemove, () => marks.remove(marks.all.map(({ id }) => id)));
  }

  #export({ marks, pane }: PaneMarks): void {
    const { name, metadata } = pane.slide;
    const text = JSON.stringify(toGeoJson(marks.all, metadata.mpp), null, 1);
    download(new Blob([text], { type: "application/geo+json" }), `${plainName(name)}.geojson`);
  }

  #importButton(shown: PaneMarks): HTMLElement {
    const input = element("input", { type: "file", accept: ".geojson,.json,application/geo+json", hidden: true });
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      if (file !== undefined) void this.#import(shown, file);
      input.value = ""; // the same file may be chosen once more
    });
    const choose = button(words.importFile, () => input.click());
    choose.title = words.fileKinds;
    return element("span", {}, choose, input);
  }

  async #import(shown: PaneMarks, file: File): Promise<void> {
    try {
      const found = readGeoJson(await readText(file), Date.now());
      const outside = found.marks.filter((mark) => isOutsideSlide(shown.pane, mark)).length;
      if (outside === 0) this.#take(shown, found);
      else this.#ask(words.outside(outside, found.marks.length), words.importAll, () => this.#take(shown, found));
    } catch (error) {
      this.#answer.replaceChildren(element("p", { class: "mark-problem" }, problemText(error)));
    }
  }

  #take({ marks }: PaneMarks, imported: Imported): void {
    const { marks: found } = imported;
    const replaced = found.filter((mark) => marks.find(mark.id) !== null).length;
    marks.put(found);
    const told = [words.added(found.length - replaced, replaced), skippedText(imported)];
    this.#answer.replaceChildren(element("p", {}, told.filter((part) => part !== "").join(" ")));
  }

  #ask(question: string, yes: string, run: () => void): void {
    const done = (): void => this.#answer.replaceChildren();
    const act = button(yes, () => {
      done();
      run();
    });
    this.#answer.replaceChildren(
      element("p", {}, question),
      element("div", { class: "mark-row" }, act, button(words.cancel, done)),
    );
    act.focus();
  }
}

/** Puts the focus back on what stands for the same thing after all is made anew; null where it is not in there. */
function focusIn(root: HTMLElement): ((root: HTMLElement) => void) | null {
  const now = document.activeElement;
  if (!(now instanceof HTMLElement) || !root.contains(now)) return null;
  const mark = now.dataset["mark"];
  const { textContent, className } = now;
  return (after) => {
    if (after.contains(document.activeElement)) return;
    const same = [...after.querySelectorAll<HTMLElement>("button")].find((other) =>
      mark === undefined
        ? other.className === className && other.textContent === textContent && other.title === now.title
        : other.dataset["mark"] === mark,
    );
    (same ?? after.querySelector<HTMLElement>("button:not(:disabled)"))?.focus();
  };
}
