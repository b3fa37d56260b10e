// The page of a slide: /view/{id}.

import { Access } from "../api/access";
import { ApiError } from "../api/api-fetch";
import { type PageData, readPageData } from "../api/metadata";
import { fetchMetadata, type OpenSlide } from "../api/open-slide";
import { addCompare } from "../compare/add-compare";
import { addInfoPanel } from "../info/info-panel";
import { addMarks } from "../marks/add-marks";
import { addShare } from "../share/add-share";
import { listenToKeys } from "../ui/keyboard";
import { addKeysDialog } from "../ui/keys-dialog";
import { Notice } from "../ui/notice";
import { takeKeys } from "../view/canvas-keys";
import { Frame } from "../view/frame";
import { keepFit } from "../view/keep-fit";
import { addMagnification } from "../view/magnify";
import { addMoveCommands } from "../view/move-commands";
import { addNavigator } from "../view/navigator";
import { tellOutside } from "../view/outside";
import { followTitle } from "../view/page-title";
import { isNeutral, lut } from "../view/picture-adjust";
import { addPicturePanel } from "../view/picture-panel";
import { keepRight } from "../view/right";
import { addTurning } from "../view/turn";
import { words } from "../view/words";
import { Workspace } from "../view/workspace";
import { limitZoom } from "../view/zoom-limits";
import { noSlide, showNoSlide } from "./no-slide";

async function firstSlide(page: PageData, notice: Notice): Promise<OpenSlide> {
  const access = new Access(page.access);
  if (page.metadata !== null) return { id: page.id, name: page.name, access, metadata: page.metadata };
  notice.show(words.firstTime);
  const metadata = await fetchMetadata(page.id, access, (error) => notice.show(error.message));
  notice.hide();
  return { id: metadata.id, name: page.name, access, metadata };
}

/** What acts on the panes; before the first of them. */
function addControls(frame: Frame, workspace: Workspace): void {
  addMagnification(frame, workspace);
  addMoveCommands(frame.commands, workspace);
  addTurning(frame, workspace);
  addNavigator(frame, workspace);
  addPicturePanel(frame, workspace);
  addInfoPanel(frame, workspace);
  addKeysDialog(frame.commands);
  followTitle(frame, workspace);
  frame.onSkip(() => workspace.active.viewer.canvas.focus());
  workspace.added.on(takeKeys);
  workspace.added.on(limitZoom);
  workspace.added.on(keepFit);
  workspace.added.on(tellOutside);
  workspace.activated.on(() => frame.commands.changed.emit());
  listenToKeys(frame.commands);
}

async function start(): Promise<void> {
  const page = readPageData();
  const frame = new Frame(page);
  const notice = new Notice(frame.notice, () => {
    if (workspace.panes.length === 0) location.reload();
    for (const pane of workspace.panes) pane.failed.retry();
  });
  const workspace = new Workspace(notice);
  frame.stage.prepend(workspace.element);
  try {
    keepRight(workspace, notice);
    const slide = await firstSlide(page, notice);
    addControls(frame, workspace);
    const marks = addMarks(frame, workspace);
    const comparison = addCompare(frame, workspace, page);
    const place = addShare(frame, workspace, comparison, {
      lut: ({ adjustment }) => (isNeutral(adjustment) ? null : lut(adjustment)),
      drawMarks: (context, pane) => marks.drawMarks(context, pane),
    });
    await Promise.resolve(); // toolbars have their buttons then, and the pane the size that it will keep
    const pane = workspace.add(slide);
    place.start();
    Object.assign(window, { wsiViewer: pane.viewer, wsiWorkspace: workspace }); // for who looks at it in the console
  } catch (error) {
    const nothing = error instanceof ApiError && workspace.panes.length === 0 ? noSlide(error, page.name) : null;
    if (nothing !== null) showNoSlide(nothing, page);
    else if (error instanceof ApiError) notice.showError(error);
    else notice.show(words.cannotStart);
    if (!(error instanceof ApiError)) throw error;
  }
}

void start();
