// Fetches the tiles around the screen while nothing moves and nothing else is missing: the next step of a pan is there at once.

import type OpenSeadragon from "openseadragon";
import type { Access } from "../api/access";
import { targetView } from "./hints";
import { targetLevel } from "./prefetch-hint";
import { ringAround, underRing } from "./ring";
import type { SlideLevels } from "./slide-levels";

/** Milliseconds of rest: a drag pauses, too. */
const REST = 150;

/** Where the user has asked for little data, or the browser has, none is spent in case. */
function isSparing(): boolean {
  const { connection } = navigator as Navigator & { connection?: { saveData?: boolean } };
  return connection?.saveData === true;
}

/**
 * @param isHere tiles that need no request.
 * @param ahead fetches one tile in case it is wanted.
 */
export function fetchRing(
  viewer: OpenSeadragon.Viewer,
  access: Access,
  levels: SlideLevels,
  isHere: (index: number, x: number, y: number) => boolean,
  ahead: (path: string, signal: AbortSignal) => Promise<void>,
): void {
  let abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => {
    clearTimeout(timer);
    abort.abort();
  };
  const fetchAll = (): void => {
    if (!viewer.isOpen() || viewer.world.getItemAt(0)?.getFullyLoaded() !== true) return;
    if (isSparing() || access.refusal !== null || document.visibilityState === "hidden") return;
    const { box, slideWidth } = targetView(viewer.viewport);
    const index = targetLevel(levels.geometry, slideWidth);
    if (!levels.isStored(index)) return; // the server would decode for it
    abort = new AbortController();
    const { signal } = abort;
    const fetchOne = (of: number, x: number, y: number): void => {
      if (!levels.isStored(of) || isHere(of, x, y)) return;
      // What fails now is asked for when it is wanted.
      ahead(levels.path(of, x, y), signal).catch(() => undefined);
    };
    for (const { x, y } of ringAround(levels.geometry, index, box)) fetchOne(index, x, y);
    for (const tile of underRing(levels.geometry, index, box)) fetchOne(tile.index, tile.x, tile.y);
  };
  const rest = (): void => {
    stop();
    timer = setTimeout(fetchAll, REST);
  };
  viewer.addHandler("viewport-change", rest);
  viewer.addHandler("open", () => viewer.world.getItemAt(0)?.addHandler("fully-loaded-change", rest));
  viewer.addHandler("destroy", stop);
  access.ended.on(stop);
}
