// The panel at the side (below, on a phone): one of several things at a time, each opened by a command.

import type { Command } from "./command";
import type { Commands } from "./commands";
import { element } from "./dom";
import { icon } from "./icon";
import { isTyping } from "./keyboard";
import { words } from "./words";

export interface PanelContent {
  readonly title: string;
  /** Called each time it is opened. */
  render(): HTMLElement;
  closed?(): void;
}

export class SidePanel {
  readonly element = element("aside", { class: "side-panel", hidden: true });
  readonly #openers = new Map<PanelContent, string>();
  #open: PanelContent | null = null;

  constructor(private readonly commands: Commands) {
    // At the window: whatever else the key is for comes first.
    window.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || this.#open === null) return;
      if (isTyping(event.target) && !this.#isEmptyField(event.target)) return;
      event.preventDefault();
      const { activeElement } = document;
      const isLost = activeElement === null || activeElement === document.body;
      this.#closeAndReturn(isLost || this.element.contains(activeElement));
    });
  }

  /** A command that opens and closes `content`. */
  command(command: Omit<Command, "run" | "isOn">, content: PanelContent): Command {
    this.#openers.set(content, command.id);
    return { ...command, run: () => this.toggle(content), isOn: () => this.#open === content };
  }

  isOpen(content: PanelContent): boolean {
    return this.#open === content;
  }

  toggle(content: PanelContent): void {
    if (this.#open === content) this.close();
    else this.show(content);
  }

  show(content: PanelContent): void {
    this.#open?.closed?.();
    this.#open = content;
    const close = element("button", { type: "button", "aria-label": words.close, title: words.close }, icon("close"));
    close.addEventListener("click", () => this.#closeAndReturn(true));
    this.element.replaceChildren(
      element("header", {}, element("h2", {}, content.title), close),
      element("div", { class: "side-panel-body" }, content.render()),
    );
    this.element.setAttribute("aria-label", content.title);
    this.element.hidden = false;
    this.commands.changed.emit();
  }

  close(): void {
    this.#open?.closed?.();
    this.#open = null;
    this.element.hidden = true;
    this.element.replaceChildren();
    this.commands.changed.emit();
  }

  /** @param isFocused the focus would be lost with what is gone: back to the button that opened it, or to what that is behind. */
  #closeAndReturn(isFocused: boolean): void {
    const opener = this.#open === null ? null : document.getElementById(this.#openers.get(this.#open) ?? "");
    this.close();
    if (!isFocused || opener === null) return;
    opener.focus();
    if (document.activeElement !== opener) opener.closest(".tools")?.querySelector<HTMLElement>(".opener")?.focus();
  }

  /** Of the panel, with nothing typed that the key might be meant for. */
  #isEmptyField(target: EventTarget | null): boolean {
    return target instanceof HTMLInputElement && target.value === "" && this.element.contains(target);
  }
}
