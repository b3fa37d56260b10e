// The stored levels as a tile source: nothing is decoded on the server for pyramids with steps of 4.

import OpenSeadragon from "openseadragon";

import { PyramidGeometry } from "./geometry";
import { type SlideMetadata, withParams } from "./metadata";

/** A tile source over a slide's stored levels, for `OpenSeadragon({tileSources})`. */
export function tileSource(slide: SlideMetadata, access: Record<string, string>): OpenSeadragon.TileSource {
  const geometry = new PyramidGeometry(slide.levels);
  const finest = geometry.level(geometry.maxLevel);
  const source = new OpenSeadragon.TileSource({
    width: geometry.width,
    height: geometry.height,
    tileWidth: finest.tile_width,
    tileHeight: finest.tile_height,
    tileOverlap: 0,
    minLevel: 0,
    maxLevel: geometry.maxLevel,
  } as OpenSeadragon.TileSourceOptions);
  const rect = (box: { x: number; y: number; width: number; height: number }): OpenSeadragon.Rect =>
    new OpenSeadragon.Rect(box.x, box.y, box.width, box.height);
  return Object.assign(source, {
    getLevelScale: (level: number) => geometry.scale(level),
    getTileWidth: (level: number) => geometry.level(level).tile_width,
    getTileHeight: (level: number) => geometry.level(level).tile_height,
    getNumTiles: (level: number) => new OpenSeadragon.Point(geometry.level(level).tiles_x, geometry.level(level).tiles_y),
    getTileBounds: (level: number, x: number, y: number, isSource?: boolean) =>
      rect(isSource === true ? geometry.sourceBox(level, x, y) : geometry.slideBox(level, x, y)),
    getTileAtPoint: (level: number, point: OpenSeadragon.Point) => {
      const at = geometry.tileAt(level, point.x, point.y);
      return new OpenSeadragon.Point(at.x, at.y);
    },
    getTileUrl: (level: number, x: number, y: number) => {
      const path = slide.tile_url
        .replace("{level}", String(geometry.level(level).level))
        .replace("{x}", String(x))
        .replace("{y}", String(y));
      return withParams(path, access);
    },
  });
}
