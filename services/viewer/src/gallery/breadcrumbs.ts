// Where in the folders the list is, and the way back up.

import { element } from "../ui/dom";
import { followHere } from "./folder-tree";
import { folderName, foldersTo } from "./question";
import { words } from "./words";

export class Breadcrumbs {
  readonly element = element("nav", { class: "crumbs", "aria-label": words.folder });

  constructor(
    private readonly hrefOf: (prefix: string) => string,
    private readonly go: (prefix: string) => void,
  ) {}

  show(prefix: string): void {
    const parts = prefix === "" ? [] : ["", ...foldersTo(prefix)];
    const items = parts.map((part, i) => {
      const name = part === "" ? words.allSlides : folderName(part) || words.unnamed;
      if (i === parts.length - 1) return element("li", {}, element("span", { "aria-current": "page" }, name));
      const link = element("a", { href: this.hrefOf(part) }, name);
      followHere(link, () => this.go(part));
      return element("li", {}, link);
    });
    this.element.replaceChildren(element("ol", {}, ...items));
    this.element.hidden = items.length === 0;
  }
}
