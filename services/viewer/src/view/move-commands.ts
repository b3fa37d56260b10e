// Zooming, and the whole screen.

import type { Commands } from "../ui/commands";
import { words } from "./words";
import type { Workspace } from "./workspace";

export function addMoveCommands(commands: Commands, workspace: Workspace): void {
  const viewport = () => workspace.active.viewer.viewport;
  commands.add(
    {
      id: "zoom-in",
      label: words.zoomIn,
      group: "zoom",
      icon: "plus",
      run: () => void viewport().zoomBy(2).applyConstraints(),
    },
    {
      id: "zoom-out",
      label: words.zoomOut,
      group: "zoom",
      icon: "minus",
      run: () => void viewport().zoomBy(0.5).applyConstraints(),
    },
    { id: "home", label: words.home, group: "zoom", icon: "home", run: () => void viewport().goHome() },
  );
  if (!document.fullscreenEnabled) return; // phones of one maker have none
  commands.add({
    id: "full-screen",
    label: words.fullScreen,
    group: "page",
    keys: ["f"],
    icon: "full-screen",
    run: () => {
      if (document.fullscreenElement === null) void document.documentElement.requestFullscreen();
      else void document.exitFullscreen();
    },
    isOn: () => document.fullscreenElement !== null,
  });
  document.addEventListener("fullscreenchange", () => commands.changed.emit());
}
