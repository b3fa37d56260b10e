// Sharing: the place in the address, and copies of it and of the picture.

import type { Comparison } from "../compare/comparison";
import type { Frame } from "../view/frame";
import { leaving } from "../view/leaving";
import type { Workspace } from "../view/workspace";
import { Confirmation } from "./confirmation";
import { copyLink } from "./copy-link";
import { copyPicture, savePicture } from "./copy-picture";
import { keepPlace } from "./kept-place";
import { type Extras, NO_EXTRAS } from "./picture";
import { PlaceKeeper } from "./place-keeper";
import { words } from "./words";

/** To be called before the first pane is there, and what comes back started once it is. */
export function addShare(
  frame: Frame,
  workspace: Workspace,
  comparison: Comparison,
  extras: Extras = NO_EXTRAS,
): PlaceKeeper {
  const keeper = new PlaceKeeper(workspace, comparison);
  leaving.on(() => {
    keeper.flush();
    keepPlace();
  });
  const said = new Confirmation();
  frame.stage.append(said.element);
  const isPossible = (): boolean => workspace.panes.some((pane) => pane.isOpen);
  frame.commands.add(
    {
      id: "copy-link",
      label: words.copyLink,
      group: "share",
      keys: ["s"],
      icon: "share",
      run: () => void copyLink(keeper, comparison, said),
    },
    {
      id: "copy-view",
      label: words.copyView,
      group: "share",
      keys: ["w"],
      icon: "camera",
      run: () => void copyPicture([workspace.active], extras, said),
      isPossible,
    },
    {
      id: "copy-all-views",
      label: words.copyAll,
      group: "share",
      keys: ["W"],
      run: () => void copyPicture(workspace.panes, extras, said),
      isPossible,
    },
    {
      id: "save-view",
      label: words.saveView,
      group: "share",
      icon: "save",
      run: () => void savePicture([workspace.active], extras, said),
      isPossible,
    },
  );
  return keeper;
}
