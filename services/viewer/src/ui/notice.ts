// One line that tells the user what is wrong, and goes away when it no longer is.

import type { ApiError } from "../api/api-fetch";
import type { TileWatcher } from "../tiles/tile-loader";
import { words } from "./words";

/** Answers that asking again won't change: the right to see the slide has ended, or the slide. */
const FINAL = new Set([400, 401, 403, 404]);

/** What there may be to say; of several the first is said. */
const KINDS = ["right", "failed", "delayed", "message", "ending"] as const;
type Kind = (typeof KINDS)[number];

export interface Action {
  readonly label: string;
  run(): void;
}

interface Said {
  readonly text: string;
  readonly action: Action | null;
}

export class Notice implements TileWatcher {
  readonly #element: HTMLElement;
  readonly #text = document.createElement("span");
  readonly #button = document.createElement("button");
  readonly #said = new Map<Kind, Said>();
  readonly #again: Action;
  readonly #late = new Set<object>();
  #failed = 0;

  /** `retry` asks once more for all that failed. */
  constructor(element: HTMLElement, retry: () => void) {
    this.#element = element;
    this.#again = {
      label: words.tryAgain,
      run: () => {
        this.#failed = 0;
        this.#forget("failed", "message");
        retry();
      },
    };
    this.#button.type = "button";
    this.#button.addEventListener("click", () => this.#first()?.action?.run());
    element.append(this.#text, this.#button);
  }

  show(message: string): void {
    this.#say("message", message);
  }

  /** What ended the attempt to show the slide. */
  showError(error: ApiError): void {
    this.#say("message", error.message, FINAL.has(error.status) ? null : this.#again);
  }

  /** What `show` said. */
  hide(): void {
    this.#forget("message");
  }

  /** The right to see more has ended; until `rightIsBack`. */
  rightEnded(message: string, action: Action | null): void {
    this.#say("right", message, action);
  }

  rightIsBack(): void {
    this.#forget("right", "ending");
  }

  /** The right will end soon; whoever has read it closes it. */
  rightEnds(message: string): void {
    this.#say("ending", message, { label: words.close, run: () => this.#forget("ending") });
  }

  delayed(tile: object, error: ApiError): void {
    this.#late.add(tile);
    this.#say("delayed", words.late(error.message));
  }

  settled(tile: object): void {
    if (this.#late.delete(tile) && this.#late.size === 0) this.#forget("delayed");
  }

  failed(_tile: object, error: ApiError): void {
    this.#failed += 1;
    // Tiles that failed for good are missing from the picture until they are asked for again.
    this.#say("failed", words.missing(this.#failed, error.message), FINAL.has(error.status) ? null : this.#again);
  }

  #say(kind: Kind, text: string, action: Action | null = null): void {
    this.#said.set(kind, { text, action });
    this.#show();
  }

  #forget(...kinds: Kind[]): void {
    for (const kind of kinds) this.#said.delete(kind);
    this.#show();
  }

  #first(): Said | undefined {
    const kind = KINDS.find((one) => this.#said.has(one));
    return kind && this.#said.get(kind);
  }

  #show(): void {
    const said = this.#first();
    this.#element.hidden = said === undefined;
    if (said === undefined) return;
    // Set anew, the same words would be read aloud anew.
    if (this.#text.textContent !== said.text) this.#text.textContent = said.text;
    this.#button.hidden = said.action === null;
    this.#button.textContent = said.action?.label ?? "";
  }
}
