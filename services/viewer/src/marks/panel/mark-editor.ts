// The selected mark in the panel: its measures, label, note and colour.

import { element } from "../../ui/dom";
import type { Scale } from "../geometry/geometry";
import { areaText, lengthText, measureText } from "../model/format";
import type { Mark } from "../model/mark";
import { measures } from "../model/measure";
import { kindName, words } from "../words";
import { palette } from "./palette";

/** `edit` puts what was changed; `goTo` and `remove` are buttons. */
export function markEditor(
  mark: Mark,
  mpp: Scale | null,
  edit: (change: Partial<Mark>) => void,
  goTo: () => void,
  remove: () => void,
): HTMLElement {
  const label = element("input", { type: "text", maxlength: 1000, value: mark.label, "data-field": "label" });
  label.addEventListener("change", () => edit({ label: label.value.trim() }));
  label.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) label.blur();
  });
  const note = element("textarea", { rows: 2, maxlength: 20_000, "data-field": "note" }, mark.note);
  note.addEventListener("change", () => edit({ note: note.value }));
  return element(
    "section",
    { class: "mark-editor", "aria-label": kindName(mark.kind) },
    element("h3", {}, kindName(mark.kind)),
    markFacts(mark, mpp),
    element("label", {}, element("span", {}, words.label), label),
    element("label", {}, element("span", {}, words.note), note),
    palette(words.colour, mark.colour, (colour) => edit({ colour })),
    mark.isLocked === true ? element("p", { class: "mark-quiet" }, words.locked) : null,
    element("div", { class: "mark-row" }, button(words.goTo, goTo), button(words.yesRemove, remove)),
  );
}

export function button(label: string, run: () => void): HTMLButtonElement {
  const made = element("button", { type: "button" }, label);
  made.addEventListener("click", run);
  return made;
}

/** Its measures; null where it has none. */
export function markFacts(mark: Mark, mpp: Scale | null): HTMLElement | null {
  const { length, area, isCrossing, perimeter, angle, isMetric } = measures(mark, mpp);
  const rows: [string, string][] = [];
  if (length !== undefined) rows.push([words.length, lengthText(length, isMetric)]);
  if (area !== undefined) rows.push([words.area, areaText(area, isMetric)]);
  if (isCrossing === true) rows.push([words.area, words.crossing]);
  if (perimeter !== undefined) rows.push([words.perimeter, lengthText(perimeter, isMetric)]);
  if (angle !== undefined) rows.push([words.angle, measureText({ angle, isMetric })]);
  if (rows.length === 0) return null;
  const cells = rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]);
  return element("dl", { class: "mark-facts" }, ...cells);
}
