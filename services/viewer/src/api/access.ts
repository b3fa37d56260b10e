// The right to one slide: the parameters that open its routes (none while access is open, or where a cookie does it), and the
// door that is shut once the server refuses them. Who wants something of the slide waits before it.

import { Signal } from "../ui/signal";
import type { ApiError } from "./api-fetch";
import { marked } from "./mark";
import { withParams } from "./metadata";

type Params = Readonly<Record<string, string>>;

/** Statuses that say that the right has ended, or was never there: asking again changes nothing. */
export function isRefusal(error: ApiError): boolean {
  return error.status === 401 || error.status === 403;
}

export class Access {
  #params: Params;
  #refusal: ApiError | null = null;
  /** There is a new right, or the old one counts again. */
  readonly renewed = new Signal();
  /** The server refuses what is asked for. */
  readonly ended = new Signal<ApiError>();

  /** @param origin where the server is; empty for the page's own. */
  constructor(
    params: Params = {},
    private readonly origin = "",
  ) {
    this.#params = params;
  }

  get params(): Params {
    return this.#params;
  }

  /** When the right ends, in milliseconds as `Date.now` counts; null where the parameters don't tell. */
  get expires(): number | null {
    const seconds = Number(this.#params["exp"] ?? NaN);
    return Number.isFinite(seconds) ? seconds * 1000 : null;
  }

  /** Why the door is shut; null while it is open. */
  get refusal(): ApiError | null {
    return this.#refusal;
  }

  /** A path of this slide's, with the right to it. */
  url(path: string): string {
    return marked(this.origin + withParams(path, this.#params));
  }

  /** Others, that last longer. */
  renew(params: Params): void {
    this.#params = params;
    this.reopen();
  }

  /** What the cookie says may have changed: ask again. */
  reopen(): void {
    this.#refusal = null;
    this.renewed.emit();
  }

  /** The server has refused what was asked with `params`; what was asked before a renewal says nothing of the new right. */
  refused(error: ApiError, params: Params = this.#params): void {
    if (params !== this.#params || this.#refusal !== null) return;
    this.#refusal = error;
    this.ended.emit(error);
  }

  /** At once while the door is open. @throws whatever `signal` is aborted with. */
  async opened(signal: AbortSignal): Promise<void> {
    while (this.#refusal !== null) {
      signal.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        const stop = (): void => {
          forget();
          reject(signal.reason);
        };
        const forget = this.renewed.on(() => {
          forget();
          signal.removeEventListener("abort", stop);
          resolve();
        });
        signal.addEventListener("abort", stop, { once: true });
      });
    }
  }
}
