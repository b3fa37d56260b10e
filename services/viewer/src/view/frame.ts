// The page around the panes: where toolbars, the side panel and the line of notices are.

import { marked } from "../api/mark";
import type { PageData } from "../api/metadata";
import { Commands } from "../ui/commands";
import { element } from "../ui/dom";
import { icon } from "../ui/icon";
import { SidePanel } from "../ui/side-panel";
import { Toolbar } from "../ui/toolbar";
import { words } from "./words";

export class Frame {
  readonly commands = new Commands();
  readonly panel = new SidePanel(this.commands);
  readonly notice = element("div", { id: "notice", role: "status", hidden: true });
  readonly mainTools = new Toolbar(this.commands, {
    groups: ["picture", "compare", "share", "page"],
    label: words.tools,
    folded: { groups: ["picture", "compare", "share"], label: words.more, icon: "more" },
  });
  readonly markTools = new Toolbar(this.commands, {
    groups: ["mark"],
    label: words.markTools,
    folded: { groups: ["mark"], label: words.markTools, icon: "pen", showsActive: true },
  });
  readonly moveTools = new Toolbar(this.commands, { groups: ["zoom", "turn"], label: words.moveTools });
  readonly #stage = element("main", { class: "stage" });
  readonly #heading: HTMLElement;
  readonly #skip = element("a", { class: "skip", href: "#slide" }, words.skip);

  constructor(page: PageData) {
    const back = page.has_list
      ? element(
          "a",
          { class: "back", href: marked("/"), title: words.slides },
          icon("back"),
          element("span", {}, words.slides),
        )
      : null;
    this.#heading = element("h1", { title: page.name }, page.name);
    const bar = element("header", { class: "bar" }, back, this.#heading, userForm(page.user), this.mainTools.element);
    this.markTools.element.classList.add("mark-tools");
    this.moveTools.element.classList.add("move-tools");
    this.#stage.append(this.markTools.element, this.moveTools.element);
    const desk = element("div", { class: "desk" }, this.#stage, this.panel.element);
    document.body.append(this.#skip, bar, desk, this.notice);
  }

  /** Where the panes go. */
  get stage(): HTMLElement {
    return this.#stage;
  }

  setTitle(name: string): void {
    this.#heading.textContent = name;
    this.#heading.title = name;
  }

  /** What the link at the page's start leads to. The URL's fragment is not for this: it holds the place on the slide. */
  onSkip(focus: () => void): void {
    this.#skip.addEventListener("click", (event) => {
      event.preventDefault();
      focus();
    });
  }
}

function userForm(user: string | null): HTMLElement | null {
  if (user === null) return null;
  return element(
    "form",
    { class: "who", method: "post", action: "/auth/logout" },
    element("span", {}, user),
    element("button", { title: words.signOut }, icon("sign-out"), element("span", {}, words.signOut)),
  );
}
