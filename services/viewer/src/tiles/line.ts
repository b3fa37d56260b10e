// Requests for tiles stand in line: few go at a time, and those that are seen before those that may be.

/** What comes first, when there is a place: lower before higher. Null: nobody waits for it any more. */
export type Rank = () => number | null;

/** From this rank on it is only in case: it goes when little else does. */
export const IN_CASE = 2;

interface Waiting {
  readonly rank: Rank;
  readonly begin: () => void;
  readonly leave: () => void;
}

export class Line {
  /** In the order in which they came. */
  #waiting: Waiting[] = [];
  #inFlight = 0;

  /**
   * @param most at a time.
   * @param fewest as many of what is only in case: what is wanted next then finds a place at once.
   */
  constructor(
    private readonly most: number,
    private readonly fewest: number,
  ) {}

  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * What `work` comes to, once it was its turn. The place is free again when it ends.
   *
   * @throws whatever `signal` is aborted with; a DOMException named AbortError where its rank is null when a place is free.
   */
  turn<T>(rank: Rank, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const quit = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        reject(signal.reason);
      };
      const waiting: Waiting = {
        rank,
        begin: () => {
          signal.removeEventListener("abort", quit);
          this.#inFlight += 1;
          work()
            .then(resolve, reject)
            .finally(() => {
              this.#inFlight -= 1;
              this.#next();
            });
        },
        leave: () => {
          signal.removeEventListener("abort", quit);
          reject(new DOMException("Nobody waits for it.", "AbortError"));
        },
      };
      signal.addEventListener("abort", quit, { once: true });
      this.#waiting.push(waiting);
      this.#next();
    });
  }

  #next(): void {
    while (this.#inFlight < this.most) {
      const first = this.#first();
      if (first === null) return;
      this.#waiting = this.#waiting.filter((other) => other !== first.waiting);
      if (first.rank === null) first.waiting.leave();
      else first.waiting.begin();
    }
  }

  /** Whoever has no rank is seen off first. */
  #first(): { waiting: Waiting; rank: number | null } | null {
    let best: { waiting: Waiting; rank: number } | null = null;
    for (const waiting of this.#waiting) {
      const rank = waiting.rank();
      if (rank === null) return { waiting, rank };
      if (rank >= IN_CASE && this.#inFlight >= this.fewest) continue;
      if (best === null || rank < best.rank) best = { waiting, rank };
    }
    return best;
  }
}
