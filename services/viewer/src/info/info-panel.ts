// The panel about the slide: what the server tells of it, of its levels and of the images beside it.

import type { StoredLevel } from "../api/metadata";
import { element } from "../ui/dom";
import type { PanelContent } from "../ui/side-panel";
import type { Frame } from "../view/frame";
import type { Pane } from "../view/pane";
import type { Workspace } from "../view/workspace";
import { language } from "../words/language";
import { associatedImages } from "./associated-images";
import { type Fact, matching, pyramidTable, slideFacts } from "./facts";
import { words } from "./words";

/** It is about the active pane's slide, and follows when that becomes another. */
export function addInfoPanel(frame: Frame, workspace: Workspace): void {
  const content: PanelContent = { title: words.info, render: () => about(workspace.active) };
  frame.commands.add(
    frame.panel.command({ id: "info", label: words.info, group: "page", keys: ["i"], icon: "info" }, content),
  );
  workspace.activated.on(() => {
    if (frame.panel.isOpen(content)) frame.panel.show(content);
  });
}

function about({ slide: { metadata, name, access } }: Pane): HTMLElement {
  return element(
    "div",
    { class: "info" },
    factList(slideFacts(metadata, name, language())),
    metadata.key === null ? element("p", { class: "quiet" }, words.restricted) : null,
    associatedImages(metadata, access),
    pyramid(metadata.levels),
    properties(metadata.properties),
  );
}

function factList(facts: readonly Fact[]): HTMLElement {
  const lines = facts.map(({ name, value }) => element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  return element("dl", { class: "fact-list" }, ...lines);
}

function pyramid(levels: readonly StoredLevel[]): HTMLElement {
  const { columns, common } = pyramidTable(levels, language());
  const head = element("tr", {}, ...columns.map(({ title }) => element("th", { scope: "col" }, title)));
  const rows = levels.map((_, index) =>
    element("tr", {}, ...columns.map(({ values }) => element("td", {}, values[index] ?? ""))),
  );
  const untouched = levels.filter((level) => level.passthrough).length;
  const how = untouched === levels.length ? words.untouched : untouched === 0 ? words.decoded : words.partly;
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
  return element(
    "section",
    {},
    element("h3", {}, words.pyramid),
    factList(common),
    element("div", { class: "wide-table", tabindex: 0, role: "region", "aria-label": words.pyramid }, table),
    element("p", { class: "quiet" }, how),
  );
}

/** Closed at first: some scanners write a hundred. */
function properties(all: Readonly<Record<string, string>>): HTMLElement | null {
  const count = Object.keys(all).length;
  if (count === 0) return null;
  const search = element("input", { type: "search", "aria-label": words.search, placeholder: words.search });
  const list = element("div");
  const show = (): void => {
    const found = matching(all, search.value);
    list.replaceChildren(found.length === 0 ? element("p", { class: "quiet" }, words.noMatch) : factList(found));
  };
  search.addEventListener("input", show);
  show();
  return element("details", {}, element("summary", {}, words.properties(count)), search, list);
}
