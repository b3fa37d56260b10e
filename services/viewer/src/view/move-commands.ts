// Moving and zooming by steps, and the whole screen.

import OpenSeadragon from "openseadragon";

import type { Command } from "../ui/command";
import type { Commands } from "../ui/commands";
import { words } from "./words";
import type { Workspace } from "./workspace";

/** The part of what is seen that one step moves by. */
const STEP = 0.15;

export function addMoveCommands(commands: Commands, workspace: Workspace): void {
  const viewport = () => workspace.active.viewer.viewport;
  const pan = (key: string, label: string, x: number, y: number): Command => ({
    id: `pan-${key.slice("Arrow".length).toLowerCase()}`,
    label,
    group: "move",
    keys: [key],
    run: () => {
      const size = viewport().getContainerSize();
      const by = new OpenSeadragon.Point(x * size.x * STEP * (viewport().getFlip() ? -1 : 1), y * size.y * STEP);
      viewport().panBy(viewport().deltaPointsFromPixels(by)).applyConstraints();
    },
  });
  commands.add(
    pan("ArrowLeft", words.panLeft, -1, 0),
    pan("ArrowRight", words.panRight, 1, 0),
    pan("ArrowUp", words.panUp, 0, -1),
    pan("ArrowDown", words.panDown, 0, 1),
    {
      id: "zoom-out",
      label: words.zoomOut,
      group: "zoom",
      keys: ["-", "_"],
      icon: "minus",
      run: () => void viewport().zoomBy(0.5).applyConstraints(),
    },
    {
      id: "zoom-in",
      label: words.zoomIn,
      group: "zoom",
      keys: ["+", "="],
      icon: "plus",
      run: () => void viewport().zoomBy(2).applyConstraints(),
    },
    {
      id: "home",
      label: words.home,
      group: "zoom",
      keys: ["0", "h"],
      icon: "home",
      run: () => void viewport().goHome(),
    },
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
