// Tells those who listen that something has happened.

export class Signal<T = void> {
  readonly #listeners = new Set<(value: T) => void>();

  /** Listen; what comes back ends it. */
  on(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
}
