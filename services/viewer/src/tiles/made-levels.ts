// Levels below a stored pyramid that ends too early: a scanner's single level of 100,000 pixels would otherwise ask for
// thousands of tiles at first sight. They are the server's Deep Zoom levels, which it makes by decoding.

import type { Level } from "../api/metadata";

/** A level that the server makes. */
export interface MadeLevel extends Level {
  /** Its number in the slide's Deep Zoom pyramid. */
  deepZoom: number;
}

/** A coarsest level of no more tiles than this is good enough for a first view. */
const FEW_TILES = 64;

/** From fine to coarse, the last one a single tile; none where the stored levels reach far enough. */
export function madeLevels(stored: readonly Level[]): MadeLevel[] {
  const [finest, coarsest] = [stored[0], stored.at(-1)];
  if (finest === undefined || coarsest === undefined || coarsest.tiles_x * coarsest.tiles_y <= FEW_TILES) return [];
  const size = finest.tile_width; // the server's rule for Deep Zoom tiles
  const top = Math.ceil(Math.log2(Math.max(finest.width, finest.height)));
  const made: MadeLevel[] = [];
  for (let deepZoom = top - 1; deepZoom >= 0; deepZoom--) {
    const downsample = 2 ** (top - deepZoom);
    const width = Math.ceil(finest.width / downsample);
    const height = Math.ceil(finest.height / downsample);
    if (width * 1.5 > coarsest.width) continue;
    const tiles_x = Math.ceil(width / size);
    const tiles_y = Math.ceil(height / size);
    const level = stored.length + made.length;
    made.push({ level, deepZoom, width, height, tile_width: size, tile_height: size, tiles_x, tiles_y, downsample });
    if (tiles_x * tiles_y === 1) break;
  }
  return made;
}
