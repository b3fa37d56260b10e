// Which tiles the server should have at hand for where the view is going. Pure arithmetic: the sender is beside this.
//
// A hint is worth its request only if it names what OpenSeadragon is about to ask for, so the choice here is OpenSeadragon's own
// (TiledImage._updateLevelsForViewport and _getCornerTiles of version 6), for the view that the animation ends in.

import type { Box, PyramidGeometry } from "./geometry";

/** What is seen: in units of the slide's width, as everywhere in OpenSeadragon. */
export interface View {
  /** The part of the plane on the screen; of a turned view, the box around it. */
  readonly box: Box;
  /** Device pixels that the slide's whole width takes. */
  readonly slideWidth: number;
}

/** Tiles of one level, counted in tiles. `level` is the index that metadata and tile URLs use. */
export interface Hint {
  readonly level: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A tile as OpenSeadragon counts: levels from the coarsest. */
export type IsKnown = (index: number, x: number, y: number) => boolean;

/** OpenSeadragon's minPixelRatio: a level may be drawn at half its size, and no smaller. */
const MIN_PIXEL_RATIO = 0.5;

/** One or two tiles come as fast when they are just asked for. */
const FEWEST = 3;

/** Of coarser tiles, which are asked for first; fewer go out over the connections in two rounds, and of a small level the server reads all at once. */
const FEWEST_COARSER = 12;

/** A browser has six connections to a server. */
const MOST_HINTS = 2;

/** The level that OpenSeadragon ends up with: the finest that isn't drawn too small. */
export function targetLevel(geometry: PyramidGeometry, slideWidth: number): number {
  let index = geometry.maxLevel;
  while (index > 0 && slideWidth / geometry.level(index).width < MIN_PIXEL_RATIO) index--;
  return index;
}

/** The tiles of a level that touch a box, as `x`, `y`, `width` and `height` in tiles; none outside the slide. */
export function tilesIn(geometry: PyramidGeometry, index: number, box: Box): Box | null {
  const { bottom } = geometry;
  const [x0, y0] = [Math.max(0, box.x), Math.max(0, box.y)];
  const [x1, y1] = [Math.min(1, box.x + box.width), Math.min(bottom, box.y + box.height)];
  if (!(x0 < x1 && y0 < y1)) return null;
  const first = geometry.tileAt(index, x0, y0);
  const last = geometry.tileAt(index, x1, y1);
  return { x: first.x, y: first.y, width: last.x - first.x + 1, height: last.y - first.y + 1 };
}

/**
 * What to tell the server, in the order in which OpenSeadragon will ask: coarser tiles come first.
 *
 * @param stored how many levels are stored; what is made beyond them isn't read from storage tile by tile.
 * @param known tiles that are here already, or were hinted a moment ago.
 */
export function hintsFor(geometry: PyramidGeometry, stored: number, view: View, known: IsKnown): Hint[] {
  const hints: Hint[] = [];
  let box: Box = view.box;
  const target = targetLevel(geometry, view.slideWidth);
  for (let index = target; index >= 0 && hints.length < MOST_HINTS; index--) {
    const { level } = geometry.level(index);
    if (level >= stored) break; // the made levels are the coarsest
    const tiles = tilesIn(geometry, index, box);
    const missing = tiles === null ? null : unknownPart(index, tiles, known);
    if (index === target) {
      if (missing === null || missing.count < FEWEST) return [];
      box = aroundTiles(geometry, index, missing.part, view.box); // coarser tiles are asked for only where finer ones are missing
    }
    if (missing !== null && (index === target || missing.count >= FEWEST_COARSER))
      hints.unshift({ level, ...missing.part });
  }
  return hints;
}

/** The smallest rectangle around the tiles that are not known. */
function unknownPart(index: number, tiles: Box, known: IsKnown): { part: Box; count: number } | null {
  let [left, top, right, bottom, count] = [Infinity, Infinity, -1, -1, 0];
  for (let y = tiles.y; y < tiles.y + tiles.height; y++) {
    for (let x = tiles.x; x < tiles.x + tiles.width; x++) {
      if (known(index, x, y)) continue;
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
      count++;
    }
  }
  if (count === 0) return null;
  return { part: { x: left, y: top, width: right - left + 1, height: bottom - top + 1 }, count };
}

/** Where tiles lie on the slide, as far as it is on the screen. */
function aroundTiles(geometry: PyramidGeometry, index: number, tiles: Box, screen: Box): Box {
  const first = geometry.slideBox(index, tiles.x, tiles.y);
  const last = geometry.slideBox(index, tiles.x + tiles.width - 1, tiles.y + tiles.height - 1);
  const [x, y] = [Math.max(first.x, screen.x), Math.max(first.y, screen.y)];
  return {
    x,
    y,
    width: Math.min(last.x + last.width, screen.x + screen.width) - x,
    height: Math.min(last.y + last.height, screen.y + screen.height) - y,
  };
}
