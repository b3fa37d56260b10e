// One stop for the Tab key in a toolbar; arrows go from button to button, as WAI-ARIA's pattern for toolbars has it.

const NEXT = new Set(["ArrowRight", "ArrowDown"]);
const PREVIOUS = new Set(["ArrowLeft", "ArrowUp"]);

/** Buttons come and go: the order is looked up when a key is pressed. `keepOne` is to be called after each change. */
export function rove(bar: HTMLElement): { keepOne(): void } {
  const buttons = (): HTMLButtonElement[] =>
    [...bar.querySelectorAll("button")].filter((button) => !button.disabled && button.closest(".popup") === null);
  const only = (chosen: HTMLButtonElement | undefined): void => {
    for (const button of buttons()) button.tabIndex = button === chosen ? 0 : -1;
  };
  bar.addEventListener("focusin", ({ target }) => {
    if (target instanceof HTMLButtonElement && target.closest(".popup") === null) only(target);
  });
  bar.addEventListener("keydown", (event) => {
    const shown = buttons().filter((button) => button.offsetParent !== null);
    const at = shown.indexOf(event.target as HTMLButtonElement);
    if (at < 0 || event.defaultPrevented) return;
    const next = target(event.key, at, shown.length);
    if (next === null) return;
    event.preventDefault();
    shown[next]?.focus();
  });
  return {
    keepOne: () =>
      only(buttons().find((button) => button.tabIndex === 0 && button.offsetParent !== null) ?? firstShown(buttons())),
  };
}

function firstShown(buttons: HTMLButtonElement[]): HTMLButtonElement | undefined {
  return buttons.find((button) => button.offsetParent !== null) ?? buttons[0];
}

function target(key: string, at: number, count: number): number | null {
  if (NEXT.has(key)) return (at + 1) % count;
  if (PREVIOUS.has(key)) return (at + count - 1) % count;
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : null;
}
