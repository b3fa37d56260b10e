// Ties hints to a viewer: tells the server where the view is going before the tiles of that move are asked for.

import OpenSeadragon from "openseadragon";
import type { OpenSlide } from "../api/open-slide";
import { HintSender, postHint } from "./hint-sender";
import { type Hint, hintsFor, type IsKnown, type View } from "./prefetch-hint";
import type { SeenTiles } from "./seen-tiles";
import type { SlideLevels } from "./slide-levels";

/** All that changes where the view is going. Each is raised before the frame that asks for the tiles. */
const MOVES = ["open", "pan", "zoom", "rotate", "flip", "after-resize", "animation-finish"] as const;

/**
 * Call before the viewer opens.
 *
 * @param seen is told of what is hinted.
 * @param isHere tiles that need no hint.
 */
export function sendHints(
  viewer: OpenSeadragon.Viewer,
  slide: OpenSlide,
  { geometry, stored }: SlideLevels,
  seen: SeenTiles,
  isHere: IsKnown,
): void {
  const { access } = slide;
  const path = `/tiles/${encodeURIComponent(slide.metadata.id)}/prefetch`;
  const next = (): Hint[] => {
    if (!viewer.isOpen() || access.refusal !== null) return [];
    const hints = hintsFor(geometry, stored, targetView(viewer.viewport), isHere);
    for (const hint of hints) {
      const index = geometry.levels.findIndex(({ level }) => level === hint.level);
      for (let y = hint.y; y < hint.y + hint.height; y++) {
        for (let x = hint.x; x < hint.x + hint.width; x++) seen.hinted(index, x, y);
      }
    }
    return hints;
  };
  const sender = new HintSender(
    next,
    (hint) => postHint(access.url(path), hint),
    () => performance.now(),
  );
  for (const move of MOVES) viewer.addHandler(move, () => sender.moved());
}

/** Where the view will be when it comes to rest. */
export function targetView(viewport: OpenSeadragon.Viewport): View {
  const { x, y, width, height } = viewport.getBounds(false).getBoundingBox();
  return {
    box: { x, y, width, height },
    slideWidth: viewport.getContainerSize().x * viewport.getZoom(false) * OpenSeadragon.pixelDensityRatio,
  };
}
