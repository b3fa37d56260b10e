// For pages of other people: a slide of this server as a tile source for the OpenSeadragon that they have. Served as
// /embed/tile-source.js, by itself: it brings no library along.

import type OpenSeadragon from "openseadragon";
import { Access } from "../api/access";
import { fetchMetadata } from "../api/open-slide";
import { Line } from "../tiles/line";
import { SlideLevels } from "../tiles/slide-levels";
import { TileLoader, type TileWatcher } from "../tiles/tile-loader";
import { type Library, levelSource } from "../tiles/tile-source";
import { TileStore } from "../tiles/tile-store";
import { type Ask, KeptRight, paramsOf, type Right } from "./kept-right";

/** As many requests at a time as gain anything, over all slides of the page. */
const LINE = new Line(10, 3);

/** OpenSeadragon tells its page of tiles that fail; what is late is still to come. */
const NOBODY: TileWatcher = { delayed: () => undefined, settled: () => undefined, failed: () => undefined };

export interface Options {
  /**
   * The right to the slide: a viewer token and its end (unix seconds), or what brings one. A function is asked again shortly
   * before the end of what it brought, and after a refusal; what is on the screen stays.
   */
  readonly access?: Right | Ask;
}

/**
 * A tile source over the stored levels of a slide: true edges and proportions, the slide's own colours, tries again.
 *
 * @param library OpenSeadragon, 6 or newer.
 * @param server such as "https://wsi.example.org".
 * @throws ApiError where the slide can't be had; whatever `access` throws the first time.
 */
export async function tileSource(
  library: Library,
  server: string,
  slideId: string,
  { access: right }: Options = {},
): Promise<OpenSeadragon.TileSource> {
  if (library.version.major < 6) throw new Error("OpenSeadragon 6 or newer is needed.");
  const first = typeof right === "function" ? await right() : right;
  const access = new Access(first === undefined ? {} : paramsOf(first), new URL(server, location.href).origin);
  if (typeof right === "function") new KeptRight(access, right).keep();
  const slide = await fetchMetadata(slideId, access, () => undefined);
  const levels = new SlideLevels(slide);
  const loader = new TileLoader(access, NOBODY, LINE, new TileStore(0));
  return levelSource(library, levels.geometry, (index, x, y) => levels.path(index, x, y), loader);
}
