// The page around the panes: where toolbars, the side panel and the line of notices are.

import type { PageData } from "../api/metadata";
import { Commands } from "../ui/commands";
import { element } from "../ui/dom";
import { SidePanel } from "../ui/side-panel";
import { toolbar } from "../ui/toolbar";
import { words } from "./words";

export class Frame {
  readonly commands = new Commands();
  readonly panel = new SidePanel(this.commands);
  readonly notice = element("div", { id: "notice", role: "status", hidden: true });
  readonly #stage = element("main", { class: "stage" });

  constructor(page: PageData) {
    const back = page.has_list ? element("a", { href: "/" }, words.slides) : null;
    const bar = element("header", { class: "bar" }, back, element("h1", {}, page.name), userForm(page.user));
    bar.append(toolbar(this.commands, ["picture", "compare", "share", "page"], words.tools));
    document.body.append(bar, element("div", { class: "desk" }, this.#stage, this.panel.element), this.notice);
    this.#stage.append(
      toolbar(this.commands, ["mark"], words.markTools),
      toolbar(this.commands, ["zoom", "turn"], words.moveTools),
    );
  }

  /** Where the panes go. */
  get stage(): HTMLElement {
    return this.#stage;
  }
}

function userForm(user: string | null): HTMLElement | null {
  if (user === null) return null;
  return element(
    "form",
    { class: "who", method: "post", action: "/auth/logout" },
    element("span", {}, user),
    element("button", {}, words.signOut),
  );
}
