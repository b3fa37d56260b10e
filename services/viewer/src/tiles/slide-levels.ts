// What a slide's metadata say of its tiles: where they lie, and what they are called.

import { type SlideMetadata, withParams } from "../api/metadata";
import { PyramidGeometry, pixelAspect } from "./geometry";
import { type MadeLevel, madeLevels } from "./made-levels";

export class SlideLevels {
  readonly geometry: PyramidGeometry;
  /** How many levels are stored; the others are made by decoding. */
  readonly stored: number;
  readonly #made: readonly MadeLevel[];

  constructor(private readonly slide: SlideMetadata) {
    this.stored = slide.levels.length;
    this.#made = madeLevels(slide.levels);
    this.geometry = new PyramidGeometry([...slide.levels, ...this.#made], pixelAspect(slide.mpp));
  }

  /** Without the right to it; levels count from the coarsest. */
  path(index: number, x: number, y: number): string {
    const { level } = this.geometry.level(index);
    const made = this.#made[level - this.stored];
    if (made === undefined) {
      const { tile_url } = this.slide;
      return tile_url.replace("{level}", String(level)).replace("{x}", String(x)).replace("{y}", String(y));
    }
    const path = `/slides/${encodeURIComponent(this.slide.id)}/dzi_files/${made.deepZoom}/${x}_${y}.jpg`;
    return withParams(path, { v: this.slide.version });
  }

  isStored(index: number): boolean {
    return this.geometry.level(index).level < this.stored;
  }
}
