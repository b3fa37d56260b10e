// Sends hints at a pace that leaves the browser's connections to the tiles. Nothing waits for an answer, and nobody is told of a
// failure: without hints the same tiles come, a little later.

import { marked } from "../api/mark";
import type { Hint } from "./prefetch-hint";

/** Milliseconds between two moves that are hinted: a drag changes the view with every frame. */
const PACE = 100;

/** After a hint that failed: the server is busy, or knows no hints. */
const SILENCE = 10_000;

export class HintSender {
  #notBefore = -Infinity;
  #inFlight = 0;
  #due = false;

  /**
   * @param next what to say now; what it returns is sent.
   * @param post whether the server took it; never rejects.
   * @param now in milliseconds.
   */
  constructor(
    private readonly next: () => readonly Hint[],
    private readonly post: (hint: Hint) => Promise<boolean>,
    private readonly now: () => number,
  ) {}

  /** The view's target has changed, perhaps in the first of several steps. */
  moved(): void {
    if (this.#due) return;
    this.#due = true;
    // Once all steps of this move are done, and still before the next frame, which asks for the tiles.
    queueMicrotask(() => this.#send());
  }

  #send(): void {
    if (this.#inFlight > 0) return; // goes on when that is answered
    const wait = this.#notBefore - this.now();
    if (wait > 0) {
      setTimeout(() => this.#send(), wait);
      return;
    }
    this.#due = false;
    const hints = this.next();
    if (hints.length === 0) return;
    this.#notBefore = this.now() + PACE;
    for (const hint of hints) void this.#one(hint);
  }

  async #one(hint: Hint): Promise<void> {
    this.#inFlight += 1;
    const taken = await this.post(hint);
    this.#inFlight -= 1;
    if (!taken) this.#notBefore = this.now() + SILENCE;
    if (this.#due && this.#inFlight === 0) this.#send();
  }
}

/** One POST. Any refusal, and any failure of the network, is false. */
export async function postHint(url: string, hint: Hint): Promise<boolean> {
  try {
    const response = await fetch(marked(url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(hint),
      credentials: "same-origin",
      priority: "high",
      keepalive: false,
    });
    await response.arrayBuffer(); // an unread answer would keep its connection
    return response.ok;
  } catch {
    return false;
  }
}
