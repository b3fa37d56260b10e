// The marks in the panel, one below the other.

import { element } from "../../ui/dom";
import { icon } from "../../ui/icon";
import type { Scale } from "../geometry/geometry";
import { measureText } from "../model/format";
import type { Mark } from "../model/mark";
import { measures } from "../model/measure";
import { kindName, words } from "../words";
import { swatch } from "./palette";

export interface ListActions {
  goTo(mark: Mark): void;
  remove(mark: Mark): void;
}

/** The newest first; no more than `most` of them. */
export function markList(
  marks: readonly Mark[],
  selected: Mark | null,
  mpp: Scale | null,
  most: number,
  actions: ListActions,
): HTMLElement {
  const newest = marks.slice(-most).reverse();
  return element("ul", { class: "mark-list" }, ...newest.map((mark) => row(mark, mark === selected, mpp, actions)));
}

function row(mark: Mark, isSelected: boolean, mpp: Scale | null, { goTo, remove }: ListActions): HTMLElement {
  const name = mark.label || mark.classification || kindName(mark.kind);
  const measure = measureText(measures(mark, mpp));
  const main = element(
    "button",
    { type: "button", class: "mark-go", "aria-current": isSelected ? "true" : null, "data-mark": mark.id },
    swatch(mark.colour),
    icon(mark.kind),
    element("span", { class: "mark-name" }, name),
    element("span", { class: "mark-measure" }, measure),
  );
  main.title = words.placeOf(name);
  main.addEventListener("click", () => goTo(mark));
  const gone = element(
    "button",
    { type: "button", class: "mark-gone", "aria-label": `${words.remove}: ${name}`, title: words.remove },
    icon("close"),
  );
  gone.addEventListener("click", () => remove(mark));
  return element("li", {}, main, gone);
}
