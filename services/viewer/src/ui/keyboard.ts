// Keys that do what a command does.

import type { Commands } from "./commands";

/** Listens on the whole page, but for where text is typed. */
export function listenToKeys(commands: Commands): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const command = commands.ofKey(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    if (command === null) return;
    event.preventDefault();
    commands.run(command);
  });
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("input:not([type=range]), textarea, select, [contenteditable], dialog") !== null
  );
}
