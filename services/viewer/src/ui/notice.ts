// One line that tells the user what is wrong, and goes away when it no longer is.

import type { ApiError } from "../api/api-fetch";
import type { TileWatcher } from "../tiles/tile-source";
import { words } from "./words";

/** Answers that asking again won't change: the right to see the slide has ended, or the slide. */
const FINAL = new Set([400, 401, 403, 404]);

export class Notice implements TileWatcher {
  readonly #element: HTMLElement;
  readonly #text = document.createElement("span");
  readonly #again = document.createElement("button");
  #failed = 0;
  #ended = false;

  /** `retry` asks once more for all that failed. */
  constructor(element: HTMLElement, retry: () => void) {
    this.#element = element;
    this.#again.type = "button";
    this.#again.textContent = words.tryAgain;
    this.#again.addEventListener("click", () => {
      this.#failed = 0;
      this.hide();
      retry();
    });
    element.append(this.#text, this.#again);
  }

  show(message: string): void {
    this.#say(message, false);
  }

  /** What ended the attempt to show the slide. */
  showError(error: ApiError): void {
    this.#say(error.message, !FINAL.has(error.status));
  }

  /** Nothing more can be shown: this stays, whatever else happens. */
  ended(message: string): void {
    this.#say(message, false);
    this.#ended = true;
  }

  hide(): void {
    if (!this.#ended) this.#element.hidden = true;
  }

  loaded(): void {
    // Tiles that failed for good are still missing from the picture.
    if (this.#failed === 0) this.hide();
  }

  delayed(error: ApiError): void {
    if (this.#failed === 0) this.show(words.late(error.message));
  }

  failed(error: ApiError): void {
    this.#failed += 1;
    this.#say(words.missing(this.#failed, error.message), !FINAL.has(error.status));
  }

  #say(message: string, canRetry: boolean): void {
    if (this.#ended) return;
    this.#text.textContent = message;
    this.#again.hidden = !canRetry;
    this.#element.hidden = false;
  }
}
