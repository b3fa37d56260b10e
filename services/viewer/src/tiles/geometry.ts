// Where the tiles of the stored levels lie. Pure arithmetic, so that it can be tested without a browser.
//
// OpenSeadragon counts levels from the coarsest; coordinates are in units of the slide's width. Stored tiles are full size at
// the right and bottom edges, and levels are not exact powers of two: each level's own size is what counts, on each axis.
// It knows square pixels only: where a slide's are not, it is told of square ones as wide as the slide's.

import type { Level } from "../api/metadata";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export class PyramidGeometry {
  readonly width: number;
  /** In pixels of the slide. */
  readonly height: number;
  /** In pixels of the screen's kind, as high as wide; `width` of them lie side by side. */
  readonly shownHeight: number;
  /** Coarsest first. */
  readonly levels: readonly Level[];

  /** @param pixelAspect how high a pixel is for its width. */
  constructor(
    levels: readonly Level[],
    readonly pixelAspect = 1,
  ) {
    const finest = levels[0];
    if (finest === undefined) throw new Error("A slide has at least one level.");
    this.width = finest.width;
    this.height = finest.height;
    this.shownHeight = finest.height * pixelAspect;
    this.levels = [...levels].reverse();
  }

  get maxLevel(): number {
    return this.levels.length - 1;
  }

  /** Where the slide ends, as its right edge is at 1. */
  get bottom(): number {
    return this.shownHeight / this.width;
  }

  level(index: number): Level {
    const level = this.levels[index];
    if (level === undefined) throw new RangeError(`no level ${index}`);
    return level;
  }

  scale(index: number): number {
    return this.level(index).width / this.width;
  }

  /** The true part of a tile, without padding, in the tile's own pixels. */
  sourceBox(index: number, x: number, y: number): Box {
    const level = this.level(index);
    return {
      x: 0,
      y: 0,
      width: Math.min(level.tile_width, level.width - x * level.tile_width),
      height: Math.min(level.tile_height, level.height - y * level.tile_height),
    };
  }

  /** Where that part lies on the slide, whose width is 1. */
  slideBox(index: number, x: number, y: number): Box {
    const level = this.level(index);
    const source = this.sourceBox(index, x, y);
    const aspect = this.bottom;
    return {
      x: (x * level.tile_width) / level.width,
      y: ((y * level.tile_height) / level.height) * aspect,
      width: source.width / level.width,
      height: (source.height / level.height) * aspect,
    };
  }

  /** The tile that holds a point of the slide. */
  tileAt(index: number, pointX: number, pointY: number): { x: number; y: number } {
    const level = this.level(index);
    const clamp = (value: number, count: number): number => Math.max(0, Math.min(count - 1, value));
    const pixelX = pointX * level.width;
    const pixelY = (pointY * level.height) / this.bottom;
    return {
      x: clamp(Math.floor(pixelX / level.tile_width), level.tiles_x),
      y: clamp(Math.floor(pixelY / level.tile_height), level.tiles_y),
    };
  }
}

/** How high a slide's pixels are for their width, by what it tells of their size; 1 where that is nothing to go by. */
export function pixelAspect(mpp: { readonly x: number; readonly y: number } | null): number {
  const aspect = mpp === null ? 1 : mpp.y / mpp.x;
  return aspect > 0 && Number.isFinite(aspect) ? aspect : 1;
}
