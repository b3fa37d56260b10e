// Measuring and marking, put into the page.

import { isTyping } from "../ui/keyboard";
import type { Frame } from "../view/frame";
import type { Pane } from "../view/pane";
import type { Workspace } from "../view/workspace";
import { Gestures } from "./drawing/gestures";
import { Hint } from "./drawing/hint";
import { listenToMarkKeys } from "./drawing/mark-keys";
import { Modality } from "./drawing/modality";
import { askText } from "./drawing/text-entry";
import { addToolCommands } from "./drawing/tool-commands";
import { Tools } from "./drawing/tools";
import { KeptMarks } from "./model/kept-marks";
import { type Mark, newMark } from "./model/mark";
import { Undo } from "./model/undo";
import { MarkPanel } from "./panel/mark-panel";
import { Marks } from "./shown/marks";
import { PaneMarks } from "./shown/pane-marks";
import { words } from "./words";

/** What comes back tells which marks a pane has, and paints them. */
export function addMarks(frame: Frame, workspace: Workspace): Marks {
  const { commands } = frame;
  const marks = new Marks();
  const tools = new Tools();
  const kept = new KeptMarks();
  const modality = new Modality();
  const hint = new Hint(tools, modality);
  const active = (): PaneMarks | null => (workspace.panes.length === 0 ? null : marks.shownIn(workspace.active));
  const undo = new Undo(
    () => active()?.marks ?? null,
    () => workspace.panes.flatMap((pane) => marks.shownIn(pane)?.marks ?? []),
    () => active()?.pen ?? null,
  );
  const panel = new MarkPanel(active, tools, kept, undo);
  const ends = new Map<Pane, () => void>();
  const edit = (): void => {
    if (!frame.panel.isOpen(panel)) frame.panel.show(panel);
    panel.focusEditor();
  };

  const take = (shown: PaneMarks, mark: Mark): void => {
    shown.marks.put([mark]);
    shown.marks.select(mark.id);
    hint.tell(mark, shown.pane.slide.metadata.mpp);
  };

  const add = (pane: Pane): void => {
    const shown = new PaneMarks(pane, kept.of(pane.slide.metadata.id), tools);
    const listeners = [
      shown.pen.finished.on(({ kind, points }) => {
        const mark = newMark(kind, points, tools.colour, Date.now());
        const [at] = points;
        if (kind !== "text" || at === undefined) take(shown, mark);
        else {
          askText(pane, at, (label) => {
            if (label !== null) take(shown, { ...mark, label });
          });
        }
      }),
      shown.marks.changed.on(() => {
        commands.changed.emit();
        panel.update();
      }),
      shown.previewed.on(() => panel.follow(shown)),
      listenToMarkKeys(shown, modality, edit),
      showCross(shown, tools, modality),
    ];
    const gestures = new Gestures(shown, tools);
    pane.element.classList.toggle("drawing", tools.kind !== null);
    marks.add(shown);
    ends.set(pane, () => {
      for (const end of listeners) end();
      gestures.destroy();
      shown.destroy();
    });
  };

  addToolCommands(commands, tools, active, undo);
  const list = { id: "marks", label: words.panel, group: "mark", keys: ["e"], icon: "list" } as const;
  commands.add(frame.panel.command(list, panel));
  listenToUndo(undo);
  frame.stage.append(hint.element);
  tools.changed.on(() => {
    for (const pane of workspace.panes) pane.element.classList.toggle("drawing", tools.kind !== null);
    // so that Enter sets a point, and does not press the tool's button once more
    if (tools.kind !== null) active()?.pane.viewer.canvas.focus({ preventScroll: true });
    commands.changed.emit();
  });
  workspace.added.on(add);
  workspace.removed.on((pane) => {
    ends.get(pane)?.();
    ends.delete(pane);
    marks.remove(pane);
  });
  workspace.activated.on(() => panel.update());
  for (const pane of workspace.panes) add(pane);
  return marks;
}

/** The cross where Enter sets a point: while a tool is used by keyboard. */
function showCross(shown: PaneMarks, tools: Tools, modality: Modality): () => void {
  const { element } = shown.pane;
  const update = (): void => {
    const isHere = element.contains(document.activeElement) && !isTyping(document.activeElement);
    shown.cross(modality.isKeyboard && tools.kind !== null && isHere);
  };
  const later = (): void => queueMicrotask(update); // when it is known what has the focus now
  const listeners = [tools.changed.on(later), modality.changed.on(update), shown.pane.moved.on(update)];
  for (const event of ["focusin", "focusout"] as const) element.addEventListener(event, later);
  return () => {
    for (const end of listeners) end();
  };
}

function listenToUndo(undo: Undo): void {
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || isTyping(event.target)) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) undo.redo();
    else undo.undo();
  });
}
