// The stored levels as a tile source: nothing is decoded on the server for pyramids with steps of 4.

import type OpenSeadragon from "openseadragon";
import type { Box, PyramidGeometry } from "./geometry";
import type { TileLoader } from "./tile-loader";

/** The library itself: ours, or that of someone else's page. */
export type Library = typeof OpenSeadragon;

/**
 * A tile source over a slide's stored levels, for `OpenSeadragon({tileSources})`.
 *
 * @param pathOf a tile's path, without the right to it: that may be another one when the tile is asked for.
 */
export function levelSource(
  library: Library,
  geometry: PyramidGeometry,
  pathOf: (index: number, x: number, y: number) => string,
  loader: Pick<TileLoader, "start" | "abort">,
): OpenSeadragon.TileSource {
  const finest = geometry.level(geometry.maxLevel);
  const source = new library.TileSource({
    width: geometry.width,
    height: geometry.shownHeight,
    tileWidth: finest.tile_width,
    tileHeight: finest.tile_height,
    tileOverlap: 0,
    minLevel: 0,
    maxLevel: geometry.maxLevel,
  } as OpenSeadragon.TileSourceOptions);
  const rect = (box: Box): OpenSeadragon.Rect => new library.Rect(box.x, box.y, box.width, box.height);
  return Object.assign(source, {
    getLevelScale: (level: number) => geometry.scale(level),
    getTileWidth: (level: number) => geometry.level(level).tile_width,
    getTileHeight: (level: number) => geometry.level(level).tile_height,
    getNumTiles: (level: number) => new library.Point(geometry.level(level).tiles_x, geometry.level(level).tiles_y),
    getTileBounds: (level: number, x: number, y: number, isSource?: boolean) =>
      rect(isSource === true ? geometry.sourceBox(level, x, y) : geometry.slideBox(level, x, y)),
    getTileAtPoint: (level: number, point: OpenSeadragon.Point) => {
      const at = geometry.tileAt(level, point.x, point.y);
      return new library.Point(at.x, at.y);
    },
    getTileUrl: pathOf,
    hasTransparency: () => false,
    downloadTileStart: (job: OpenSeadragon.ImageJob) => loader.start(job),
    downloadTileAbort: (job: OpenSeadragon.ImageJob) => loader.abort(job),
  });
}
