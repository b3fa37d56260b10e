// Keys that mean a place or a step: those that need no place are commands.

import { isTyping } from "../../ui/keyboard";
import type { Point } from "../../view/point";
import type { PaneMarks } from "../shown/pane-marks";
import { movedBy } from "./handles";
import type { Modality } from "./modality";

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** Listens before the picture does. `edit` opens what the selected mark's label is written in. */
export function listenToMarkKeys(shown: PaneMarks, modality: Modality, edit: () => void): () => void {
  const ending = new AbortController();
  shown.pane.element.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (!act(event, shown, modality.isKeyboard, edit)) return;
      event.preventDefault();
      event.stopPropagation();
    },
    { capture: true, signal: ending.signal },
  );
  return () => ending.abort();
}

/** Whether the key meant something. */
function act(event: KeyboardEvent, shown: PaneMarks, isKeyboard: boolean, edit: () => void): boolean {
  const { pen, marks } = shown;
  const { selected } = marks;
  const arrow = ARROWS[event.key];
  if (event.key === "Enter" && pen.draft !== null) {
    if (isKeyboard && !pen.isEndedByEnter) pen.set(centre(shown));
    else pen.end();
  } else if (event.key === "Backspace" && pen.isDrawing) pen.back();
  else if (event.key === "Backspace" && selected !== null) marks.remove([selected.id]);
  else if (pen.draft !== null || selected === null) return false;
  else if (event.key === "Enter") edit();
  else if (arrow !== undefined && selected.isLocked !== true) {
    const pixels = event.shiftKey ? 10 : 1;
    marks.put([movedBy(selected, shown.bySlide({ x: arrow.x * pixels, y: arrow.y * pixels }), Date.now())]);
  } else return false;
  return true;
}

function centre(shown: PaneMarks): Point {
  const { width, height } = shown.size;
  return shown.pane.toSlide({ x: width / 2, y: height / 2 });
}
