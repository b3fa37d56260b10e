// Tiles that OpenSeadragon has given up: it never asks for them again by itself.

import type OpenSeadragon from "openseadragon";

export class FailedTiles {
  readonly #failed = new Map<OpenSeadragon.Tile, OpenSeadragon.TiledImage>();

  watch(viewer: OpenSeadragon.Viewer): void {
    viewer.addHandler("tile-load-failed", ({ tile, tiledImage }) => this.#failed.set(tile, tiledImage));
  }

  /** Have those that are on the screen asked for again. What is drawn stays. */
  retry(): void {
    for (const tile of this.#failed.keys()) tile.exists = true;
    // Of what is public, setting a clip (here none, as before) is what makes an image look for its tiles anew.
    for (const image of new Set(this.#failed.values())) image.setClip(null);
    this.#failed.clear();
  }
}
