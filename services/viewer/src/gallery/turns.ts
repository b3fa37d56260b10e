// So many at once, and no more: the others wait for their turn.

export class Turns {
  readonly #running = new Set<object>();
  readonly #waiting = new Map<object, () => void>();

  constructor(private readonly most: number) {}

  /** Runs it, now or once it has a turn. What comes back ends its turn, or its waiting; a second time it does nothing. */
  take(run: () => void): () => void {
    const turn = {};
    this.#waiting.set(turn, run);
    this.#next();
    return () => {
      this.#waiting.delete(turn);
      if (this.#running.delete(turn)) this.#next();
    };
  }

  #next(): void {
    for (const [turn, run] of [...this.#waiting]) {
      if (this.#running.size >= this.most) return;
      this.#waiting.delete(turn);
      this.#running.add(turn);
      run();
    }
  }
}
