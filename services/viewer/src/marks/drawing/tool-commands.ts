// A command for each tool, and for what can be done to the selected mark.

import type { Command } from "../../ui/command";
import type { Commands } from "../../ui/commands";
import type { IconName } from "../../ui/icon";
import { KINDS, type Kind } from "../model/mark";
import type { Undo } from "../model/undo";
import type { PaneMarks } from "../shown/pane-marks";
import { kindName, words } from "../words";
import type { Tools } from "./tools";

const KEYS: Readonly<Record<Kind, string>> = {
  distance: "m",
  area: "a",
  angle: "g",
  point: "p",
  line: "l",
  rectangle: "x",
  ellipse: "o",
  polygon: "y",
  freehand: "d",
  text: "t",
};

/** `active` is what the active pane shows; null before the first. */
export function addToolCommands(commands: Commands, tools: Tools, active: () => PaneMarks | null, undo: Undo): void {
  const select: Command = {
    id: "tool-select",
    label: words.select,
    group: "mark",
    keys: ["Escape"],
    icon: "pointer",
    run: () => leave(tools, active()),
    isOn: () => tools.kind === null,
    isIdle: () => tools.kind === null && active()?.marks.selected == null && active()?.pen.isDrawing !== true,
  };
  commands.add(select, ...KINDS.map((kind) => toolCommand(kind, tools)));
  commands.add(
    {
      id: "mark-delete",
      label: words.remove,
      group: "mark",
      keys: ["Delete"],
      run: () => {
        const selected = active()?.marks.selected;
        if (selected != null) active()?.marks.remove([selected.id]);
      },
      isPossible: () => active()?.marks.selected != null,
    },
    // the keys are only told here: with Ctrl held they are no command's
    {
      id: "mark-undo",
      label: words.undo,
      group: "mark",
      keys: ["Ctrl+Z"],
      run: () => undo.undo(),
      isPossible: () => undo.canUndo,
    },
    {
      id: "mark-redo",
      label: words.redo,
      group: "mark",
      keys: ["Ctrl+Shift+Z"],
      run: () => undo.redo(),
      isPossible: () => undo.canRedo,
    },
    told("mark-shift", words.keyShift, "Shift"),
    told("mark-enter", words.keyEnter, "Enter"),
    told("mark-back", words.keyBackspace, "Backspace"),
    told("mark-space", words.keySpace, " "),
  );
}

/** A key that acts where one draws, for the list of keys. */
function told(id: string, label: string, key: string): Command {
  return { id, label, group: "mark", keys: [key], run: () => undefined, isIdle: () => true };
}

function toolCommand(kind: Kind, tools: Tools): Command {
  return {
    id: `tool-${kind}`,
    label: kindName(kind),
    group: "mark",
    keys: [KEYS[kind]],
    icon: kind satisfies IconName,
    run: () => tools.use(tools.kind === kind ? null : kind),
    isOn: () => tools.kind === kind,
  };
}

/** First what is being drawn ends, then the tool, then the selection. */
function leave(tools: Tools, shown: PaneMarks | null): void {
  if (shown?.pen.isDrawing === true) shown.pen.cancel();
  else if (tools.kind !== null) tools.use(null);
  else shown?.marks.select(null);
}
