// The head of the table: its names sort. That of the slides sorts by their keys, so by folders first, and says so.

import { element } from "../ui/dom";
import type { Sort } from "./question";
import { words } from "./words";

export interface TableHead {
  readonly element: HTMLElement;
  show(sort: Sort): void;
}

const columns = (names: boolean) =>
  [
    ["tick-cell", "", null],
    ["picture-cell", "", null],
    ["name", names ? words.nameByPath : words.name, "key"],
    ["folder", words.folder, null],
    ["format", words.format, null],
    ["size", words.size_, "size"],
    ["date", words.date, "modified"],
    ["mpp", words.resolution, null],
  ] as const;

/** @param names whether its user may know what slides are called. */
export function tableHead(names: boolean, ask: (sort: Sort) => void): TableHead {
  let current: Sort = "key";
  const cells = columns(names).map(([kind, label, column]) => {
    const cell = element("div", { role: "columnheader", class: `cell ${kind}` });
    if (column === null) cell.append(label);
    else {
      const button = element("button", { type: "button" }, label);
      button.addEventListener("click", () => ask(current === column ? `-${column}` : column));
      cell.append(button);
    }
    return { cell, column };
  });
  const head = element(
    "div",
    { class: "line head", role: "row", "aria-rowindex": 1 },
    ...cells.map(({ cell }) => cell),
  );
  return {
    element: head,
    show: (sort) => {
      current = sort;
      for (const { cell, column } of cells) {
        if (column === null) continue;
        const way = sort === column ? "ascending" : sort === `-${column}` ? "descending" : "none";
        cell.setAttribute("aria-sort", way);
      }
    },
  };
}
