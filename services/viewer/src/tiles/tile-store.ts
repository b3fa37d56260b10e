// Tiles that came before anyone asked for them, as they were sent: a hundred of them take less memory than one that is decoded.

export class TileStore {
  /** The one that came first is the first to go. */
  readonly #blobs = new Map<string, Blob>();
  #bytes = 0;

  /** @param most bytes in all. */
  constructor(private readonly most: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  has(path: string): boolean {
    return this.#blobs.has(path);
  }

  put(path: string, blob: Blob): void {
    this.take(path);
    if (blob.size > this.most) return;
    this.#blobs.set(path, blob);
    this.#bytes += blob.size;
    for (const oldest of this.#blobs.keys()) {
      if (this.#bytes <= this.most) break;
      this.take(oldest);
    }
  }

  /** It is gone from here then: whoever takes it draws it. */
  take(path: string): Blob | undefined {
    const blob = this.#blobs.get(path);
    if (blob === undefined) return undefined;
    this.#blobs.delete(path);
    this.#bytes -= blob.size;
    return blob;
  }
}
