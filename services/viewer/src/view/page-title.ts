// What the browser's tab and the page's heading say: the slides that are shown.

import type { Frame } from "./frame";
import type { Workspace } from "./workspace";

export function followTitle(frame: Frame, workspace: Workspace): void {
  const show = (): void => {
    document.title = workspace.panes.map((pane) => pane.slide.name).join(" | ");
    frame.setTitle(workspace.active.slide.name);
  };
  workspace.activated.on(show);
  workspace.added.on(() => workspace.panes.length > 1 && show());
  workspace.removed.on(show);
}
