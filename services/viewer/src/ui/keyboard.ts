// Keys that do what a command does.

import type { Commands } from "./commands";

/** Keys that move within what has the focus: a list that scrolls, a slider, a toolbar. */
const MOVES = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"]);

/** Listens on the whole page, but for where text is typed. */
export function listenToKeys(commands: Commands): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (MOVES.has(event.key) && isPanel(event.target)) return;
    const command = namesOf(event)
      .map((key) => commands.ofKey(key))
      .find((found) => found !== null);
    if (command === undefined || command === null || command.isIdle?.() === true) return;
    event.preventDefault();
    commands.run(command);
  });
}

/** What a command may call the key: a letter with shift is a large one, where a command has that, whatever caps lock says. */
function namesOf({ key, shiftKey }: KeyboardEvent): string[] {
  if (key.length !== 1) return [key];
  return shiftKey ? [key.toUpperCase(), key.toLowerCase()] : [key.toLowerCase()];
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("input:not([type=range]), textarea, select, [contenteditable], dialog") !== null
  );
}

function isPanel(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("aside, input, .popup") !== null;
}
