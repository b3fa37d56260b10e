import type { Level } from "../../src/api/metadata";

/** A level as metadata tells of it. */
export function level(index: number, width: number, height: number, tile = 256, tileHeight = tile): Level {
  return {
    level: index,
    width,
    height,
    tile_width: tile,
    tile_height: tileHeight,
    tiles_x: Math.ceil(width / tile),
    tiles_y: Math.ceil(height / tileHeight),
    downsample: 1,
  };
}
