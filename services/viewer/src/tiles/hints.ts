// Ties hints to a viewer: tells the server where the view is going before the tiles of that move are asked for.

import OpenSeadragon from "openseadragon";
import type { Access } from "../api/access";
import type { SlideMetadata } from "../api/metadata";
import { PyramidGeometry } from "./geometry";
import { HintSender, postHint } from "./hint-sender";
import { madeLevels } from "./made-levels";
import { type Hint, hintsFor, type View } from "./prefetch-hint";
import { SeenTiles } from "./seen-tiles";

/** With access on, tiles are fresh in the browser's cache for this long; without, for ever (their URLs hold the version). */
const FRESH_WITH_ACCESS = 300_000;

/** All that changes where the view is going. Each is raised before the frame that asks for the tiles. */
const MOVES = ["open", "pan", "zoom", "rotate", "flip", "after-resize", "animation-finish"] as const;

/** Call before the viewer opens. */
export function sendHints(viewer: OpenSeadragon.Viewer, slide: SlideMetadata, access: Access): void {
  const geometry = new PyramidGeometry([...slide.levels, ...madeLevels(slide.levels)]);
  const path = `/tiles/${encodeURIComponent(slide.id)}/prefetch`;
  const now = (): number => performance.now();
  const seen = new SeenTiles(Object.keys(access.params).length === 0 ? Infinity : FRESH_WITH_ACCESS, now);
  const next = (): Hint[] => {
    if (!viewer.isOpen()) return [];
    const hints = hintsFor(geometry, slide.levels.length, viewOf(viewer.viewport), (index, x, y) =>
      seen.knows(index, x, y),
    );
    for (const hint of hints) {
      const index = geometry.levels.findIndex(({ level }) => level === hint.level);
      for (let y = hint.y; y < hint.y + hint.height; y++) {
        for (let x = hint.x; x < hint.x + hint.width; x++) seen.hinted(index, x, y);
      }
    }
    return hints;
  };
  const sender = new HintSender(next, (hint) => postHint(access.url(path), hint), now);
  for (const move of MOVES) viewer.addHandler(move, () => sender.moved());
  for (const shown of [viewer, viewer.navigator]) {
    shown.addHandler("tile-loaded", ({ tile }) => seen.loaded(tile.level, tile.x, tile.y));
    shown.addHandler("tile-unloaded", ({ tile }) => seen.unloaded(tile.level, tile.x, tile.y));
  }
}

/** Where the view will be when it comes to rest. */
function viewOf(viewport: OpenSeadragon.Viewport): View {
  const { x, y, width, height } = viewport.getBounds(false).getBoundingBox();
  return {
    box: { x, y, width, height },
    slideWidth: viewport.getContainerSize().x * viewport.getZoom(false) * OpenSeadragon.pixelDensityRatio,
  };
}
