// One slide in the list: a card of the grid, or a line of the table.

import { element } from "../ui/dom";
import { micronsPerPixel, pixels } from "../words/figures";
import type { ListedSlide } from "./data";
import { folderFrom } from "./question";
import { date, dateAndTime, fileSize } from "./text";
import { thumbnail } from "./thumbnail";
import { words } from "./words";

/** Whether a slide may be compared with others, is chosen, and what choosing does. */
export interface Choice {
  readonly isChosen: (slide: ListedSlide) => boolean;
  readonly toggle: (slide: ListedSlide) => void;
}

export function nameOf(slide: ListedSlide): string {
  return slide.folder === null ? words.nameless(slide.id) : slide.name;
}

/** @param open the folder that is open: what lies in another one says so. */
export function card(slide: ListedSlide, choice: Choice, open: string): HTMLElement {
  const name = nameOf(slide);
  const rows = element(
    "div",
    { class: "card-rows" },
    element("h2", { title: name }, name),
    folderLine("p", "folder", slide, open),
    facts(slide),
    badges(slide),
  );
  const text = element("div", { class: "card-text" }, rows);
  if (slide.link === null) {
    const why = element(
      "div",
      { class: "thumbnail why" },
      reason(slide, "reason") ?? element("p", {}, words[slide.status]),
    );
    return element("div", { class: "card off", tabindex: -1, "data-focus": true }, why, text);
  }
  const link = element("a", { href: slide.link, "data-focus": true }, thumbnail(slide.thumbnail), text);
  return element("div", { class: "card" }, link, tick(slide, choice));
}

/** Each whole: a line ends between two of them, and the stylesheet puts a dot between those of one line. */
function facts({ size, modified, width, height }: ListedSlide): HTMLElement {
  const known = [
    fileSize(size),
    modified === null ? null : date(modified),
    width !== null && height !== null ? pixels(width, height, words.dimensions) : null,
  ].filter((fact) => fact !== null);
  const shown = known.flatMap((fact) => [element("span", {}, fact), " "]);
  return element("p", { class: "facts", title: known.join(" · ") }, ...shown);
}

export function line(slide: ListedSlide, choice: Choice, open: string): HTMLElement {
  const name = nameOf(slide);
  const title = element("span", { class: "line-name", title: name }, name);
  const shown =
    slide.link === null
      ? element("span", { class: "line-what", tabindex: -1, "data-focus": true }, title)
      : element("a", { class: "line-what", href: slide.link, "data-focus": true }, title);
  const note = slide.link === null ? reason(slide, "why") : null;
  const cell = (kind: string, text: string | null, full?: string): HTMLElement =>
    element("div", { role: "cell", class: `cell ${kind}`, title: full ?? null }, text ?? "");
  const made = element(
    "div",
    { class: slide.link === null ? "line off" : "line" },
    element("div", { role: "cell", class: "cell tick-cell" }, slide.link === null ? null : tick(slide, choice)),
    element(
      "div",
      { role: "cell", class: "cell picture-cell" },
      slide.link === null ? null : thumbnail(slide.thumbnail),
    ),
    element("div", { role: "cell", class: "cell name" }, shown, folderLine("p", "line-folder", slide, open), note),
    element("div", { role: "cell", class: "cell folder" }, folderLine("span", "", slide, open)),
    element("div", { role: "cell", class: "cell format" }, badges(slide, false)),
    cell("size", fileSize(slide.size)),
    cell(
      "date",
      slide.modified === null ? null : date(slide.modified),
      slide.modified === null ? "" : dateAndTime(slide.modified),
    ),
    cell("mpp", slide.mpp === null ? null : micronsPerPixel(slide.mpp)),
  );
  return made;
}

/** Another folder is open. */
export function reopen(item: HTMLElement, { folder }: ListedSlide, open: string): void {
  for (const shown of item.querySelectorAll<HTMLElement>("[data-folder]")) {
    shown.textContent = folder === null ? "" : folderFrom(open, folder);
    shown.hidden = shown.textContent === "";
  }
}

/** The usual order is that of whole keys: without their folders names would seem to stand in none. */
function folderLine(tag: "p" | "span", kind: string, { folder }: ListedSlide, open: string): HTMLElement {
  const way = folder === null ? "" : folderFrom(open, folder);
  return element(tag, { class: kind || null, title: folder, "data-folder": true, hidden: way === "" }, way);
}

/** What stands in for a slide that is still to come. */
export function skeleton(kind: "grid" | "table"): HTMLElement {
  const bars = [
    element("span", { class: "thumbnail" }),
    element("span", { class: "bone" }),
    element("span", { class: "bone short" }),
  ];
  return element("div", { class: kind === "grid" ? "card skeleton" : "line skeleton", "aria-hidden": "true" }, ...bars);
}

/** What was found in a file: told in English alone. */
function reason({ error }: ListedSlide, kind: string): HTMLElement | null {
  return error === null ? null : element("p", { class: kind, lang: "en", title: error }, error);
}

function badges(slide: ListedSlide, withScale = true): HTMLElement {
  const list = element("p", { class: "badges" });
  if (slide.status !== "indexed") list.append(element("span", { class: `badge ${slide.status}` }, words[slide.status]));
  if (slide.format !== null) list.append(element("span", { class: "badge", title: slide.format }, slide.format));
  if (withScale && slide.objective !== null) list.append(element("span", { class: "badge" }, `${slide.objective}×`));
  if (withScale && slide.mpp !== null) list.append(element("span", { class: "badge" }, micronsPerPixel(slide.mpp)));
  return list;
}

function tick(slide: ListedSlide, choice: Choice): HTMLElement | null {
  if (slide.thumbnail === null) return null; // there is nothing to compare before it is indexed
  const box = element("input", { type: "checkbox", "aria-label": words.select(nameOf(slide)) });
  box.checked = choice.isChosen(slide);
  box.addEventListener("change", () => {
    choice.toggle(slide);
    box.checked = choice.isChosen(slide);
  });
  return element("label", { class: "tick" }, box);
}
