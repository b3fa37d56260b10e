// The tiles of one slide on the screen: its source for OpenSeadragon, and all that looks where the view is and is going.

import OpenSeadragon from "openseadragon";
import type { OpenSlide } from "../api/open-slide";
import { sendHints } from "./hints";
import { Line } from "./line";
import type { View } from "./prefetch-hint";
import { nearness } from "./ring";
import { fetchRing } from "./ring-fetch";
import { SeenTiles } from "./seen-tiles";
import { SlideLevels } from "./slide-levels";
import { TileLoader, type TileWatcher } from "./tile-loader";
import { levelSource } from "./tile-source";
import { TileStore } from "./tile-store";

/**
 * All slides of a page share the browser's connections: six by HTTP/1.1, and more than some ten requests at a time gain nothing
 * by HTTP/2, where what is in flight can't be overtaken either.
 */
const LINE = new Line(10, 3);

/** Bytes of tiles that wait to be wanted: some twenty rings. */
const STORE = 16 * 2 ** 20;

/** With access on, tiles are fresh in the browser's cache for this long; without, for ever (their URLs hold the version). */
const FRESH_WITH_ACCESS = 300_000;

export class SlideTiles {
  readonly source: OpenSeadragon.TileSource;
  readonly #levels: SlideLevels;
  readonly #loader: TileLoader;
  readonly #store = new TileStore(STORE);
  readonly #seen: SeenTiles;
  #viewer: OpenSeadragon.Viewer | null = null;

  constructor(
    private readonly slide: OpenSlide,
    watcher: TileWatcher,
  ) {
    this.#levels = new SlideLevels(slide.metadata);
    const isOpenToAll = Object.keys(slide.access.params).length === 0;
    this.#seen = new SeenTiles(isOpenToAll ? Infinity : FRESH_WITH_ACCESS, () => performance.now());
    this.#loader = new TileLoader(slide.access, watcher, LINE, this.#store, (tile) => this.#near(tile));
    this.source = levelSource(OpenSeadragon, this.#levels.geometry, (index, x, y) => this.#levels.path(index, x, y), {
      start: (job) => this.#start(job),
      abort: (job) => this.#loader.abort(job),
    });
  }

  /** Call before the viewer opens. */
  follow(viewer: OpenSeadragon.Viewer): void {
    this.#viewer = viewer;
    const seen = this.#seen;
    for (const shown of [viewer, viewer.navigator]) {
      shown.addHandler("tile-loaded", ({ tile }) => seen.loaded(tile.level, tile.x, tile.y));
      shown.addHandler("tile-unloaded", ({ tile }) => seen.unloaded(tile.level, tile.x, tile.y));
    }
    const isHere = (index: number, x: number, y: number): boolean =>
      seen.knows(index, x, y) || this.#store.has(this.#levels.path(index, x, y));
    sendHints(viewer, this.slide, this.#levels, seen, isHere);
    fetchRing(viewer, this.slide.access, this.#levels, isHere, (path, signal) => this.#loader.ahead(path, signal));
    viewer.addHandler("viewport-change", () => this.#loader.moved());
    viewer.addHandler("destroy", () => this.#loader.destroy());
  }

  #start(job: OpenSeadragon.ImageJob): void {
    const { level, x, y } = job.tile;
    if (this.#store.has(job.src)) this.#seen.hinted(level, x, y); // it is here, if not decoded yet
    this.#loader.start(job);
  }

  /** The navigator's few tiles are always wanted, after those of the picture. */
  #near(tile: OpenSeadragon.Tile): 0 | 1 | null {
    const viewer = this.#viewer;
    if (viewer === null || tile.tiledImage?.viewer !== viewer) return 1;
    return nearness(this.#levels.geometry, viewNow(viewer.viewport), tile.level, tile.x, tile.y);
  }
}

/** What is on the screen in this frame. */
function viewNow(viewport: OpenSeadragon.Viewport): View {
  const { x, y, width, height } = viewport.getBounds(true).getBoundingBox();
  return {
    box: { x, y, width, height },
    slideWidth: viewport.getContainerSize().x * viewport.getZoom(true) * OpenSeadragon.pixelDensityRatio,
  };
}
