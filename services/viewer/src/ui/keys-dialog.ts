// The list of keys, made from the commands; and what mouse, fingers and pen do.

import type { Group } from "./command";
import type { Commands } from "./commands";
import { openDialog } from "./dialog";
import { element } from "./dom";
import { keyName } from "./key-names";
import { words } from "./words";

const GROUPS: readonly (readonly [string, readonly Group[]])[] = [
  [words.groupMove, ["move", "zoom"]],
  [words.groupTurn, ["turn", "picture"]],
  [words.groupMark, ["mark"]],
  [words.groupCompare, ["compare", "share"]],
  [words.groupPage, ["page"]],
];

export function addKeysDialog(commands: Commands): void {
  commands.add({
    id: "keys",
    label: words.keys,
    group: "page",
    keys: ["?"],
    icon: "keys",
    run: () => void openDialog(words.keys, listOfKeys(commands), "keys-sheet"),
  });
}

function listOfKeys(commands: Commands): HTMLElement {
  const sections = GROUPS.map(([title, groups]) => {
    const withKeys = groups.flatMap((group) => commands.inGroup(group)).filter(({ keys }) => keys !== undefined);
    return section(
      title,
      withKeys.map(({ label, keys }) => [(keys ?? []).map(keyName), label] as const),
    );
  });
  return element("div", { class: "keys" }, ...sections, section(words.groupPointer, GESTURES));
}

const GESTURES: readonly (readonly [readonly string[], string])[] = [
  [[words.gestureDrag], words.gestureDragDoes],
  [[words.gestureWheel], words.gestureWheelDoes],
  [[words.gestureDouble], words.gestureDoubleDoes],
  [[words.gesturePinch], words.gesturePinchDoes],
  [[words.gestureTwist], words.gestureTwistDoes],
  [["Esc"], words.gestureEscapeDoes],
];

function section(title: string, lines: readonly (readonly [readonly string[], string])[]): HTMLElement | null {
  if (lines.length === 0) return null;
  const rows = lines.map(([keys, what]) =>
    element("div", {}, element("dt", {}, ...keys.map((key) => element("kbd", {}, key))), element("dd", {}, what)),
  );
  return element("section", {}, element("h3", {}, title), element("dl", {}, ...rows));
}
