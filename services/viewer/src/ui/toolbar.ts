// The buttons of some groups of commands.

import type { Command, Group } from "./command";
import type { Commands } from "./commands";
import { element } from "./dom";
import { type IconName, icon } from "./icon";
import { keyName } from "./key-names";
import { rove } from "./roving";

export interface ToolbarOptions {
  readonly groups: readonly Group[];
  readonly label: string;
  /** On a narrow screen these groups are behind a button. */
  readonly folded?: Folded;
}

export interface Folded {
  readonly groups: readonly Group[];
  readonly label: string;
  readonly icon: IconName;
  /** Whether the button has the icon of what is on, for tools of which one is in use. */
  readonly showsActive?: boolean;
}

/** A toolbar that follows the commands as they come and change. */
export class Toolbar {
  readonly element: HTMLElement;
  readonly #parts = new Map<Group, HTMLElement>();
  readonly #buttons = new Map<Command, HTMLButtonElement>();
  readonly #fold: HTMLElement;
  readonly #opener: HTMLButtonElement;
  readonly #roving: { keepOne(): void };
  #isDue = false;

  constructor(
    private readonly commands: Commands,
    private readonly options: ToolbarOptions,
  ) {
    this.element = element("div", { class: "tools", role: "toolbar", "aria-label": options.label });
    this.#fold = element("div", { class: "fold" });
    this.#opener = element("button", { type: "button", class: "opener", "aria-expanded": "false" });
    const { folded } = options;
    if (folded !== undefined) {
      this.#opener.append(icon(folded.icon));
      this.#opener.title = folded.label;
      this.#opener.setAttribute("aria-label", folded.label);
      this.#opener.addEventListener("click", () =>
        this.#setOpen(this.#opener.getAttribute("aria-expanded") !== "true"),
      );
      this.#fold.addEventListener("click", () => this.#setOpen(false));
      this.element.append(this.#opener, this.#fold);
      this.element.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && this.#opener.getAttribute("aria-expanded") === "true") {
          event.preventDefault();
          this.#setOpen(false);
          this.#opener.focus();
        }
      });
    }
    for (const group of options.groups) {
      const part = element("div", { class: "tool-group", "data-group": group });
      this.#parts.set(group, part);
      (folded?.groups.includes(group) === true ? this.#fold : this.element).append(part);
    }
    this.#roving = rove(this.element);
    commands.changed.on(() => this.#updateSoon());
    this.#update();
  }

  /** Another control, at the start or the end of a group. */
  add(group: Group, control: HTMLElement, where: "start" | "end"): void {
    const part = this.#parts.get(group);
    if (where === "start") part?.prepend(control);
    else part?.append(control);
    if (where === "end") control.classList.add("last");
    this.#updateSoon();
  }

  /** Once all that is being done now is: a page's commands come one by one, and each update asks the browser for a layout. */
  #updateSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#update();
    });
  }

  #update(): void {
    let shown = 0;
    for (const [group, part] of this.#parts) {
      for (const command of this.commands.inGroup(group)) {
        if (command.icon === undefined) continue;
        let button = this.#buttons.get(command);
        if (button === undefined) {
          button = commandButton(this.commands, command);
          this.#buttons.set(command, button);
          part.querySelector(":scope > .last")?.before(button);
          if (button.parentElement === null) part.append(button);
        }
        button.disabled = command.isPossible?.() === false;
        if (command.isOn !== undefined) button.setAttribute("aria-pressed", String(command.isOn()));
      }
      part.hidden = part.childElementCount === 0;
      if (part.parentElement === this.#fold) shown += part.childElementCount;
    }
    this.#opener.hidden = shown === 0;
    this.#showActive();
    this.element.hidden = [...this.#parts.values()].every((part) => part.hidden);
    this.#roving.keepOne();
  }

  #showActive(): void {
    const { folded } = this.options;
    if (folded?.showsActive !== true) return;
    const active = folded.groups
      .flatMap((group) => this.commands.inGroup(group))
      .find((command) => command.icon !== undefined && command.isOn?.() === true);
    this.#opener.replaceChildren(icon(active?.icon ?? folded.icon));
  }

  #setOpen(open: boolean): void {
    this.#opener.setAttribute("aria-expanded", String(open));
    this.#fold.classList.toggle("open", open);
  }
}

function commandButton(commands: Commands, command: Command): HTMLButtonElement {
  const keys = command.keys === undefined ? "" : ` (${command.keys.map(keyName).join(", ")})`;
  const button = element("button", {
    type: "button",
    id: command.id,
    title: command.label + keys,
    "aria-label": command.label,
  });
  if (command.keys !== undefined) button.setAttribute("aria-keyshortcuts", command.keys.map(shortcut).join(" "));
  if (command.icon !== undefined) button.append(icon(command.icon));
  button.append(element("span", { class: "name" }, command.label));
  button.addEventListener("click", () => commands.run(command));
  return button;
}

/** As aria-keyshortcuts has them. */
function shortcut(key: string): string {
  if (key === "+") return "Plus";
  return key.length === 1 && key !== key.toLowerCase() ? `Shift+${key}` : key;
}
