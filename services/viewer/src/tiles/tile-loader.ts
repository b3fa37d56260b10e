// Downloads of a slide's tiles. OpenSeadragon cancels only what it has not begun; here each download is ours from its first
// moment, so that what has left the screen is given up, and what the right has ended for waits.

import type OpenSeadragon from "openseadragon";
import { type Access, isRefusal } from "../api/access";
import { ApiError, blobOnce, retrying } from "../api/api-fetch";
import { IN_CASE, type Line, type Rank } from "./line";
import type { TileStore } from "./tile-store";
import { words } from "./words";

/** About two minutes of a server that is down. */
const PATIENCE = { tries: 10, longestWait: 15_000 };

/** Is told what happens to tiles, so that the page can say it. A tile is any object that is the same each time. */
export interface TileWatcher {
  /** It will be asked for again. */
  delayed(tile: object, error: ApiError): void;
  /** It is there, or nobody wants it any more. */
  settled(tile: object): void;
  failed(tile: object, error: ApiError): void;
}

/** How near a tile is to what is seen; null where it is not worth its request. */
export type Near = (tile: OpenSeadragon.Tile) => 0 | 1 | null;

export class TileLoader {
  readonly #downloads = new Map<OpenSeadragon.ImageJob, AbortController>();

  /** @param store what came before it was asked for. */
  constructor(
    private readonly access: Access,
    private readonly watcher: TileWatcher,
    private readonly line: Line,
    private readonly store: TileStore,
    private readonly near: Near = () => 0,
  ) {}

  /** OpenSeadragon wants a tile. */
  start(job: OpenSeadragon.ImageJob): void {
    // Patience is ours: OpenSeadragon's would give up a tile that waits for a right to be renewed.
    if (job.jobId !== null) clearTimeout(job.jobId);
    const abort = new AbortController();
    this.#downloads.set(job, abort);
    void this.#download(job, abort.signal);
  }

  /** OpenSeadragon gives it up by itself, and does all else. */
  abort(job: OpenSeadragon.ImageJob): void {
    this.#end(job);
  }

  /** The view has moved: give up what is no longer near it. */
  moved(): void {
    for (const job of [...this.#downloads.keys()]) if (this.near(job.tile) === null) this.#forget(job);
  }

  /** One tile in case it is wanted soon, into the store; nobody is told of a failure. */
  async ahead(path: string, signal: AbortSignal): Promise<void> {
    if (this.store.has(path)) return;
    const blob = await this.line.turn(
      () => IN_CASE,
      signal,
      () => this.#asked(path, signal, "low"),
    );
    this.store.put(path, blob);
  }

  destroy(): void {
    for (const job of [...this.#downloads.keys()]) this.#end(job);
  }

  async #download(job: OpenSeadragon.ImageJob, signal: AbortSignal): Promise<void> {
    try {
      const blob = this.store.take(job.src) ?? (await this.#fetched(job, signal));
      // Decoded here: OpenSeadragon's own way may start a worker from a blob, which the page's CSP forbids. Pixels come as
      // they are stored, without a detour through the screen's profile.
      const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none" });
      if (signal.aborted) return;
      this.#end(job);
      job.finish(bitmap, null, "imageBitmap");
    } catch (reason) {
      if (signal.aborted) return;
      this.#end(job);
      const error = reason instanceof ApiError ? reason : new ApiError(words.undecodable, 0);
      this.watcher.failed(job.tile, error);
      job.fail(error.message, null);
    }
  }

  /** As often as it takes: a right that ends meanwhile is waited for. */
  async #fetched(job: OpenSeadragon.ImageJob, signal: AbortSignal): Promise<Blob> {
    const rank: Rank = () => {
      const near = this.near(job.tile);
      if (near === null) this.#forget(job);
      return near;
    };
    for (;;) {
      await this.access.opened(signal);
      const turn = (): Promise<Blob> => this.line.turn(rank, signal, () => this.#asked(job.src, signal));
      try {
        return await retrying(turn, PATIENCE, signal, (error) => this.watcher.delayed(job.tile, error));
      } catch (error) {
        if (!(error instanceof ApiError) || !isRefusal(error)) throw error;
      }
    }
  }

  /** One request; a refusal shuts the door before the next in line has its turn. */
  async #asked(path: string, signal: AbortSignal, priority: RequestPriority = "auto"): Promise<Blob> {
    if (this.access.refusal !== null) throw this.access.refusal; // while this stood in line
    const { params } = this.access;
    try {
      return await blobOnce(this.access.url(path), signal, priority);
    } catch (error) {
      if (error instanceof ApiError && isRefusal(error)) this.access.refused(error, params);
      throw error;
    }
  }

  /** For OpenSeadragon it is as if it had never been asked for: it has neither come nor failed. */
  #forget(job: OpenSeadragon.ImageJob): void {
    this.#end(job);
    job.tile.loading = false;
  }

  #end(job: OpenSeadragon.ImageJob): void {
    const abort = this.#downloads.get(job);
    if (abort === undefined) return;
    this.#downloads.delete(job);
    abort.abort();
    this.watcher.settled(job.tile);
  }
}
