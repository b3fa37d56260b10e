// The right to see the page's slides, while it is open: renewed where that is possible, and when it ends the user is told, keeps
// the picture, and goes on once there is a new one.

import type { Access } from "../api/access";
import { ApiError } from "../api/api-fetch";
import { renewAfter, Session } from "../api/session";
import type { Action, Notice } from "../ui/notice";
import { leaving, reload } from "./leaving";
import { ParentPage } from "./parent-page";
import { words } from "./words";
import type { Workspace } from "./workspace";

/** How long before a link's end the user is told, in milliseconds. */
const WARNING = 120_000;

/** Longer than that no timer waits. */
const LONGEST_TIMER = 2 ** 31 - 1;

export function keepRight(workspace: Workspace, notice: Notice): void {
  const session = renewAfter();
  const accesses = (): Access[] => [...new Set(workspace.panes.map((pane) => pane.slide.access))];
  const reopen = (): void => {
    for (const access of accesses()) if (access.refusal !== null && !isLink(access)) access.reopen();
  };
  const sessionEnded = (): void => {
    const error = new ApiError(words.sessionEnded, 401);
    for (const access of accesses()) if (!isLink(access)) access.refused(error);
    if (accesses().length === 0) notice.rightEnded(words.sessionEnded, { label: words.signInAgain, run: reload });
  };
  const keeper = new Session(sessionEnded, reopen);
  keeper.keep(session);

  const parent = ParentPage.find();
  parent?.renews.on(({ slide, params }) => {
    const pane = workspace.panes.find((one) => slide === null || one.slide.id === slide);
    pane?.slide.access.renew(params);
  });

  const said = (access: Access, error: ApiError): [string, Action | null] => {
    if (isLink(access)) return [words.linkEnded, null];
    if (session === null) return [error.message, { label: words.tryAgain, run: reopen }];
    const text = error.status === 401 ? words.sessionEnded : error.message;
    return [text, { label: words.signInAgain, run: reload }];
  };
  const kept = new Set<Access>();
  workspace.added.on(({ slide: { access } }) => {
    if (kept.has(access)) return;
    kept.add(access);
    access.ended.on((error) => notice.rightEnded(...said(access, error)));
    access.renewed.on(() => {
      if (accesses().every(({ refusal }) => refusal === null)) notice.rightIsBack();
    });
    warnBeforeEnd(access, () => {
      if (!accesses().includes(access)) return;
      notice.rightEnds(words.linkEnds);
      parent?.tellEnding(access.expires ?? 0);
    });
  });

  // A new link to the slide has no place in it.
  window.addEventListener("pagehide", () => {
    if (accesses().some((access) => isLink(access) && access.refusal !== null)) leaving.emit();
  });

  // Somebody may have signed in in another tab.
  const look = (): void => {
    if (document.visibilityState !== "visible" || accesses().every(({ refusal }) => refusal === null)) return;
    if (session === null) reopen();
    else void keeper.renew();
  };
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", look);
}

function isLink(access: Access): boolean {
  return access.expires !== null;
}

function warnBeforeEnd(access: Access, warn: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = (): void => {
    clearTimeout(timer);
    const { expires } = access;
    if (expires === null) return;
    const milliseconds = expires - WARNING - Date.now();
    if (milliseconds <= 0) queueMicrotask(warn);
    else if (milliseconds <= LONGEST_TIMER) timer = setTimeout(warn, milliseconds);
  };
  access.renewed.on(wait);
  wait();
}
