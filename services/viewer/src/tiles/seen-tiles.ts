// Which tiles need no hint: those that are in memory, in the browser's cache, or on their way.

/** How long a hinted tile may take to arrive. After that the server may have dropped it, or never read it. */
const ON_ITS_WAY = 10_000;

/** Some hundred screens. */
const MOST = 20_000;

export class SeenTiles {
  /** In memory, and when each was loaded. OpenSeadragon bounds these. */
  readonly #held = new Map<string, number>();
  /** Others, and until when they count; the least recent first. */
  readonly #until = new Map<string, number>();

  /**
   * @param freshness milliseconds that the browser's cache answers for a tile; Infinity for what never changes.
   * @param now in milliseconds.
   */
  constructor(
    private readonly freshness: number,
    private readonly now: () => number,
    private readonly most: number = MOST,
  ) {}

  hinted(level: number, x: number, y: number): void {
    this.#remember(key(level, x, y), this.now() + ON_ITS_WAY);
  }

  loaded(level: number, x: number, y: number): void {
    this.#held.set(key(level, x, y), this.now());
  }

  /** No longer in memory. */
  unloaded(level: number, x: number, y: number): void {
    const tile = key(level, x, y);
    const since = this.#held.get(tile);
    if (since === undefined) return;
    this.#held.delete(tile);
    this.#remember(tile, since + this.freshness);
  }

  knows(level: number, x: number, y: number): boolean {
    const tile = key(level, x, y);
    return this.#held.has(tile) || (this.#until.get(tile) ?? -Infinity) > this.now();
  }

  #remember(tile: string, until: number): void {
    const longer = Math.max(until, this.#until.get(tile) ?? -Infinity);
    this.#until.delete(tile);
    this.#until.set(tile, longer);
    for (const oldest of this.#until.keys()) {
      if (this.#until.size <= this.most) break;
      this.#until.delete(oldest);
    }
  }
}

function key(level: number, x: number, y: number): string {
  return `${level}/${x}/${y}`;
}
