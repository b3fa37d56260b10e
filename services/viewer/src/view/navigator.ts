// The small picture of the whole slide: on or off, for all panes at once. A phone has no room for it at first.

import type OpenSeadragon from "openseadragon";

import type { Frame } from "./frame";
import type { Pane } from "./pane";
import { words } from "./words";
import type { Workspace } from "./workspace";

export function addNavigator(frame: Frame, workspace: Workspace): void {
  let isShown = !matchMedia("(max-width: 640px)").matches;
  const apply = ({ viewer }: Pane): void => {
    viewer.navigator.element.hidden = !isShown;
    if (isShown) viewer.navigator.updateSize();
  };
  frame.commands.add({
    id: "navigator",
    label: words.navigator,
    group: "picture",
    keys: ["n"],
    icon: "navigator",
    run: () => {
      isShown = !isShown;
      workspace.panes.forEach(apply);
    },
    isOn: () => isShown,
  });
  workspace.added.on((pane) => {
    keepWhole(pane.viewer.navigator);
    apply(pane);
  });
}

/** What it goes home to while it has no slide yet, or another size, is not the whole slide: it goes again. */
function keepWhole(navigator: OpenSeadragon.Navigator): void {
  const goHome = (): void => void navigator.viewport.goHome(true);
  navigator.world.addHandler("add-item", goHome);
  navigator.addHandler("after-resize", goHome);
}
