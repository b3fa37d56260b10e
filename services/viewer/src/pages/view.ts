// The page of a slide: /view/{id}.

import { Access } from "../api/access";
import { ApiError } from "../api/api-fetch";
import { type PageData, readPageData } from "../api/metadata";
import { fetchMetadata, type OpenSlide } from "../api/open-slide";
import { listenToKeys } from "../ui/keyboard";
import { Notice } from "../ui/notice";
import { Frame } from "../view/frame";
import { addMoveCommands } from "../view/move-commands";
import { keepRight } from "../view/right";
import { words } from "../view/words";
import { Workspace } from "../view/workspace";

async function firstSlide(page: PageData, notice: Notice): Promise<OpenSlide> {
  const access = new Access(page.access);
  if (page.metadata !== null) return { id: page.id, name: page.name, access, metadata: page.metadata };
  notice.show(words.firstTime);
  const metadata = await fetchMetadata(page.id, access, (error) => notice.show(error.message));
  notice.hide();
  return { id: metadata.id, name: page.name, access, metadata };
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
    addMoveCommands(frame.commands, workspace);
    listenToKeys(frame.commands);
    const pane = workspace.add(slide);
    Object.assign(window, { wsiViewer: pane.viewer, wsiPane: pane }); // for who looks at it in the console
  } catch (error) {
    if (error instanceof ApiError) notice.showError(error);
    else notice.show(words.cannotStart);
    if (!(error instanceof ApiError)) throw error;
  }
}

void start();
