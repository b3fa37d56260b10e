// The stored levels as a tile source: nothing is decoded on the server for pyramids with steps of 4.

import OpenSeadragon from "openseadragon";
import type { Access } from "../api/access";
import { ApiError, apiFetch } from "../api/api-fetch";
import { type SlideMetadata, withParams } from "../api/metadata";
import { PyramidGeometry } from "./geometry";
import { type MadeLevel, madeLevels } from "./made-levels";

/** About two minutes of a server that is down. */
const PATIENCE = { tries: 10, longestWait: 15_000 };

/** Is told what happens to tiles, so that the page can say it. */
export interface TileWatcher {
  loaded(): void;
  /** It will be asked for again. */
  delayed(error: ApiError): void;
  failed(error: ApiError): void;
}

/** A tile source over a slide's stored levels, for `OpenSeadragon({tileSources})`. */
export function tileSource(slide: SlideMetadata, access: Access, watcher: TileWatcher): OpenSeadragon.TileSource {
  const made = madeLevels(slide.levels);
  const geometry = new PyramidGeometry([...slide.levels, ...made]);
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
  const downloads = new WeakMap<OpenSeadragon.ImageJob, AbortController>();
  return Object.assign(source, {
    getLevelScale: (level: number) => geometry.scale(level),
    getTileWidth: (level: number) => geometry.level(level).tile_width,
    getTileHeight: (level: number) => geometry.level(level).tile_height,
    getNumTiles: (level: number) =>
      new OpenSeadragon.Point(geometry.level(level).tiles_x, geometry.level(level).tiles_y),
    getTileBounds: (level: number, x: number, y: number, isSource?: boolean) =>
      rect(isSource === true ? geometry.sourceBox(level, x, y) : geometry.slideBox(level, x, y)),
    getTileAtPoint: (level: number, point: OpenSeadragon.Point) => {
      const at = geometry.tileAt(level, point.x, point.y);
      return new OpenSeadragon.Point(at.x, at.y);
    },
    getTileUrl: (level: number, x: number, y: number) => {
      const { level: index } = geometry.level(level);
      const path =
        index < slide.levels.length
          ? storedPath(slide, index, x, y)
          : madePath(slide, made[index - slide.levels.length], x, y);
      return access.url(path);
    },
    hasTransparency: () => false,
    downloadTileStart: (job: OpenSeadragon.ImageJob) => {
      const abort = new AbortController();
      downloads.set(job, abort);
      void download(job, abort.signal, watcher);
    },
    downloadTileAbort: (job: OpenSeadragon.ImageJob) => downloads.get(job)?.abort(),
  });
}

async function download(job: OpenSeadragon.ImageJob, signal: AbortSignal, watcher: TileWatcher): Promise<void> {
  try {
    const response = await apiFetch(job.src, PATIENCE, signal, (error) => watcher.delayed(error));
    // Decoded here: OpenSeadragon's own way may start a worker from a blob, which the page's CSP forbids. Pixels come as
    // they are stored, without a detour through the screen's profile.
    const bitmap = await createImageBitmap(await response.blob(), { colorSpaceConversion: "none" });
    watcher.loaded();
    job.finish(bitmap, null, "imageBitmap");
  } catch (reason) {
    if (signal.aborted) return;
    const error = reason instanceof ApiError ? reason : new ApiError("A tile can't be decoded.", 0);
    watcher.failed(error);
    job.fail(error.message, null);
  }
}

function storedPath(slide: SlideMetadata, level: number, x: number, y: number): string {
  return slide.tile_url.replace("{level}", String(level)).replace("{x}", String(x)).replace("{y}", String(y));
}

function madePath(slide: SlideMetadata, level: MadeLevel | undefined, x: number, y: number): string {
  if (level === undefined) throw new RangeError("no such level");
  const path = `/slides/${encodeURIComponent(slide.id)}/dzi_files/${level.deepZoom}/${x}_${y}.jpg`;
  return withParams(path, { v: slide.version });
}
