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

function holds(tiles: Box, x: number, y: number): boolean {
  return x >= tiles.x && x < tiles.x + tiles.width && y >= tiles.y && y < tiles.y + tiles.height;
}

function grown(tiles: Box): Box {
  return { x: tiles.x - 1, y: tiles.y - 1, width: tiles.width + 2, height: tiles.height + 2 };
}
