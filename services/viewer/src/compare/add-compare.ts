// Comparing: commands, the lines above the panes, and what moves them together.

import type { PageData } from "../api/metadata";
import type { Frame } from "../view/frame";
import type { Pane } from "../view/pane";
import type { Workspace } from "../view/workspace";
import { sayHowToCompare } from "./by-link";
import { Comparison } from "./comparison";
import { openPicker } from "./picker";
import { addSharedCursor } from "./shared-cursor";
import { slotBar } from "./slot-bar";
import { words } from "./words";

/** To be called before the first pane is there. */
export function addCompare(frame: Frame, workspace: Workspace, page: PageData): Comparison {
  const comparison = new Comparison(workspace);
  const { panes } = comparison;
  frame.commands.add(
    {
      id: "compare",
      label: words.compare,
      group: "compare",
      keys: ["c"],
      icon: "compare",
      run: () => choose(workspace, comparison, page),
      isPossible: () => workspace.free > 0 && workspace.panes.length > 0,
    },
    {
      id: "link-panes",
      label: words.link,
      group: "compare",
      keys: ["k"],
      icon: "link",
      run: () => panes.link(!panes.linked),
      isOn: () => panes.linked,
      isPossible: () => comparison.several,
    },
    {
      id: "align-panes",
      label: words.align,
      group: "compare",
      icon: "align",
      run: () => panes.align(),
      isPossible: () => comparison.several,
    },
  );
  comparison.changed.on(() => frame.commands.changed.emit());
  addSharedCursor(workspace, panes);
  nameFirst(workspace, comparison, page);
  return comparison;
}

function choose(workspace: Workspace, comparison: Comparison, page: PageData): void {
  const again = (): void => void comparison.add(workspace.panes[0]?.slide.id ?? page.id);
  if (!page.has_list) {
    sayHowToCompare(workspace.free > 0 ? again : null);
    return;
  }
  openPicker({
    free: workspace.free,
    shown: new Set(workspace.panes.map(({ slide }) => slide.id)),
    choose: (ids) => {
      for (const id of ids) void comparison.add(id);
    },
  });
}

/** The first slide's page is that of the address: without it, it is another page. A link's right is to this page alone. */
function nameFirst(workspace: Workspace, comparison: Comparison, page: PageData): void {
  const close = (): void => {
    const path = comparison.withoutFirst();
    if (path !== null) location.assign(path);
  };
  const end = workspace.added.on((pane: Pane) => {
    end();
    const byLink = Object.keys(page.access).length > 0;
    pane.element.before(slotBar(pane.slide.name, byLink ? null : close).element);
  });
}
