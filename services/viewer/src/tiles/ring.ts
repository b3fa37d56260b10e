// The tiles on the screen and those one further on each side. Pure arithmetic.

import type { Box, PyramidGeometry } from "./geometry";
import { targetLevel, tilesIn, type View } from "./prefetch-hint";

export interface TilePlace {
  readonly x: number;
  readonly y: number;
}

/** How near a tile is to what is seen: 0 on the screen, 1 in the ring around it; null further off, or too fine to be drawn. */
export function nearness(geometry: PyramidGeometry, view: View, index: number, x: number, y: number): 0 | 1 | null {
  // A little more than its own size: what is drawn at exactly half of it is as often counted in as not.
  if (index > targetLevel(geometry, view.slideWidth * (1 + 1e-6))) return null;
  const shown = tilesIn(geometry, index, view.box);
  if (shown === null) return null;
  if (holds(shown, x, y)) return 0;
  return holds(grown(shown), x, y) ? 1 : null;
}

/** The ring around what is on the screen, as far as the slide goes; what is nearest to the middle of the screen first. */
export function ringAround(geometry: PyramidGeometry, index: number, box: Box): TilePlace[] {
  const shown = tilesIn(geometry, index, box);
  if (shown === null) return [];
  const { tiles_x, tiles_y } = geometry.level(index);
  const around = grown(shown);
  const places: TilePlace[] = [];
  for (let y = Math.max(0, around.y); y < Math.min(tiles_y, around.y + around.height); y++) {
    for (let x = Math.max(0, around.x); x < Math.min(tiles_x, around.x + around.width); x++) {
      if (!holds(shown, x, y)) places.push({ x, y });
    }
  }
  const middle = { x: shown.x + (shown.width - 1) / 2, y: shown.y + (shown.height - 1) / 2 };
  const distance = (place: TilePlace): number => Math.hypot(place.x - middle.x, place.y - middle.y);
  return places.sort((one, other) => distance(one) - distance(other));
}

/**
 * Of all coarser levels, what lies under the ring: OpenSeadragon asks for those tiles as well where finer ones have yet to be
 * decoded. They are few.
 */
export function underRing(geometry: PyramidGeometry, index: number, box: Box): (TilePlace & { index: number })[] {
  const shown = tilesIn(geometry, index, box);
  if (shown === null) return [];
  const { tiles_x, tiles_y } = geometry.level(index);
  const first = geometry.slideBox(index, Math.max(0, shown.x - 1), Math.max(0, shown.y - 1));
  const right = Math.min(tiles_x - 1, shown.x + shown.width);
  const last = geometry.slideBox(index, right, Math.min(tiles_y - 1, shown.y + shown.height));
  // Within its tiles, not on their edges, where the next ones begin.
  const inset = first.width * 1e-6;
  const area: Box = {
    x: first.x + inset,
    y: first.y + inset,
    width: last.x + last.width - first.x - 2 * inset,
    height: last.y + last.height - first.y - 2 * inset,
  };
  const places: (TilePlace & { index: number })[] = [];
  for (let coarser = index - 1; coarser >= 0; coarser--) {
    const tiles = tilesIn(geometry, coarser, area);
    if (tiles === null) continue;
    for (let y = tiles.y; y < tiles.y + tiles.height; y++) {
      for (let x = tiles.x; x < tiles.x + tiles.width; x++) places.push({ index: coarser, x, y });
    }
  }
  return places;
}

function holds(tiles: Box, x: number, y: number): boolean {
  return x >= tiles.x && x < tiles.x + tiles.width && y >= tiles.y && y < tiles.y + tiles.height;
}

function grown(tiles: Box): Box {
  return { x: tiles.x - 1, y: tiles.y - 1, width: tiles.width + 2, height: tiles.height + 2 };
}
