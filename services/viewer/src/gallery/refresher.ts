// When the list on the screen is read anew. Each reading is one more entry in the audit's record of who listed slides: so it is
// read only where that changes what is to be seen, and not more often than people notice.

/** Milliseconds. */
const AT_MOST_EVERY = 15_000;

export class Refresher {
  #isStale = false;
  #last = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `isSeen` tells whether what is on the screen may be another by now; `refresh` reads it anew. */
  constructor(
    private readonly isSeen: () => boolean,
    private readonly refresh: () => void,
  ) {}

  /** Slides came, or are in another state than when they were read. */
  changed(): void {
    this.#isStale = true;
    this.look();
  }

  /** Another part of the list is on the screen: perhaps one that is to be read anew. */
  look(): void {
    if (!this.#isStale || this.#timer !== undefined || !this.isSeen()) return;
    const wait = this.#last + AT_MOST_EVERY - Date.now();
    if (wait > 0) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.look();
      }, wait);
      return;
    }
    this.#isStale = false;
    this.#last = Date.now();
    this.refresh();
  }
}

/**
 * Whether slides that came or were indexed meanwhile are to be seen among those on the screen.
 *
 * @param waits for each slide that is on the screen, whether it waits for its index.
 * @param atEnd whether the list's end is on the screen, so that there is room for more.
 */
export function mayDiffer(waits: readonly boolean[], atEnd: boolean): boolean {
  return atEnd || waits.some((one) => one);
}
