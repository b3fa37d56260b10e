// Writing the text of a mark at its place.

import { element } from "../ui/dom";
import type { Mark } from "./mark";
import type { PaneMarks } from "./pane-marks";
import { words } from "./words";

/** Enter, or going elsewhere, keeps the text; Escape, or none, takes the mark away. */
export function askText(shown: PaneMarks, mark: Mark, done: () => void): void {
  const { pane, marks } = shown;
  const [at] = mark.points;
  if (at === undefined) return;
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
    const label = input.value.trim();
    input.remove();
    if (!isKept || label === "") marks.remove(mark.id);
    else marks.put({ ...mark, label, changed: Date.now() });
    done();
    pane.viewer.canvas.focus({ preventScroll: true });
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
  // the press that set the mark would take the focus back
  setTimeout(() => input.focus({ preventScroll: true }));
}
