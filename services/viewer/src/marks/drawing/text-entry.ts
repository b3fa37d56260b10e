// Writing the text of a mark at its place.

import { element } from "../../ui/dom";
import type { Pane } from "../../view/pane";
import type { Point } from "../../view/point";
import { words } from "../words";

/** Enter, or going elsewhere, ends it; Escape, or no text, gives null. */
export function askText(pane: Pane, at: Point, done: (text: string | null) => void): void {
  const input = element("input", { class: "mark-text", type: "text", maxlength: 1000, "aria-label": words.typeText });
  const place = (): void => {
    const { x, y } = pane.toScreen(at);
    input.style.left = `${x}px`;
    input.style.top = `${y}px`;
  };
  const end = pane.moved.on(place);
  let isOver = false;
  const finish = (isKept: boolean): void => {
    if (isOver) return;
    isOver = true;
    end();
    const text = input.value.trim();
    const hadFocus = document.activeElement === input;
    input.remove();
    done(isKept && text !== "" ? text : null);
    if (hadFocus) pane.viewer.canvas.focus({ preventScroll: true });
  };
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing) return; // Enter chooses among an input method's words
    if (event.key === "Enter") finish(true);
    if (event.key === "Escape") finish(false);
  });
  input.addEventListener("blur", () => finish(true));
  pane.layer.append(input);
  place();
  input.focus({ preventScroll: true });
}
