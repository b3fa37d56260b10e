// The folders of the list, one level at a time: a level is asked for when it is opened.

import { element } from "../ui/dom";
import { icon } from "../ui/icon";
import { Signal } from "../ui/signal";
import { ask, type Folder, type FolderList } from "./data";
import { foldersTo } from "./question";
import { words } from "./words";

interface Branch {
  readonly link: HTMLAnchorElement;
  readonly open: () => Promise<void>;
}

export class FolderTree {
  readonly element = element("nav", { class: "folders", id: "folders", "aria-label": words.folders });
  readonly chosen = new Signal<string>();
  readonly #branches = new Map<string, Branch>();
  #current = "";

  /** `hrefOf` gives a folder's own URL. */
  constructor(private readonly hrefOf: (prefix: string) => string) {}

  /** Asks for the outermost folders; whether there are any. */
  async load(): Promise<boolean> {
    const all = this.#link("", words.allSlides);
    this.#branches.set("", { link: all, open: async () => {} });
    const list = element("ul", {}, element("li", {}, element("div", { class: "folder-line all" }, all)));
    this.element.replaceChildren(element("h2", {}, words.folders), list);
    return this.#fill(list, "");
  }

  /** The folder that the list is confined to: everything that leads to it is opened. */
  async show(prefix: string): Promise<void> {
    this.#current = prefix;
    this.#mark();
    for (const parent of foldersTo(prefix).slice(0, -1)) await this.#branches.get(parent)?.open();
    this.#mark();
    this.#branches.get(this.#current)?.link.scrollIntoView({ block: "nearest" });
  }

  #mark(): void {
    for (const [prefix, { link }] of this.#branches) {
      link.href = this.hrefOf(prefix);
      if (prefix === this.#current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  async #fill(list: HTMLElement, prefix: string): Promise<boolean> {
    const url = `/folders?${new URLSearchParams({ prefix })}`;
    try {
      const found = await ask<FolderList>(url, new AbortController().signal);
      list.append(...found.folders.map((folder) => this.#branch(folder)));
      if (found.more) list.append(element("li", { class: "note" }, words.moreFolders));
      return found.folders.length > 0;
    } catch {
      const again = element("button", { type: "button" }, words.tryAgain);
      const note = element("li", { class: "note" }, words.foldersFailed, " ", again);
      again.addEventListener("click", () => {
        note.remove();
        void this.#fill(list, prefix);
      });
      list.append(note);
      return true;
    }
  }

  #branch({ prefix, name }: Folder): HTMLElement {
    const shown = name || words.unnamed;
    const link = this.#link(prefix, shown);
    const toggle = element(
      "button",
      { type: "button", class: "expand", "aria-expanded": "false", "aria-label": words.expand(shown) },
      icon("next"),
    );
    const inner = element("ul", { hidden: true });
    let filled: Promise<boolean> | null = null;
    const open = async (): Promise<void> => {
      inner.hidden = false;
      toggle.setAttribute("aria-expanded", "true");
      filled ??= this.#fill(inner, prefix);
      if (!(await filled)) toggle.classList.add("leaf");
      this.#mark();
    };
    toggle.addEventListener("click", () => {
      if (inner.hidden) void open();
      else {
        inner.hidden = true;
        toggle.setAttribute("aria-expanded", "false");
      }
    });
    this.#branches.set(prefix, { link, open });
    return element("li", {}, element("div", { class: "folder-line" }, toggle, link), inner);
  }

  #link(prefix: string, text: string): HTMLAnchorElement {
    const link = element("a", { href: this.hrefOf(prefix), title: text }, text);
    followHere(link, () => this.chosen.emit(prefix));
    return link;
  }
}

/** A plain click stays on the page; all others do what the browser does with links. */
export function followHere(link: HTMLAnchorElement, go: () => void): void {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go();
  });
}
