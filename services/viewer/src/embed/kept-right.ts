// A right that somebody else's page renews when it is asked to.

import type { Access } from "../api/access";

/** What opens one slide until `exp` (unix seconds). */
export interface Right {
  readonly exp: number | string;
  readonly vt: string;
}

export type Ask = () => Promise<Right>;

/** So long before its end a right is renewed, in milliseconds; of a short one, its last quarter. */
const LEAD = 30_000;
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000;
const LONGEST_TIMER = 2 ** 31 - 1;

export function paramsOf(right: Right): Record<string, string> {
  return { exp: String(right.exp), vt: right.vt };
}

export class KeptRight {
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Failures and refusals in a row. */
  #failures = 0;
  #asking = false;

  constructor(
    private readonly access: Access,
    private readonly ask: Ask,
  ) {}

  keep(): void {
    this.access.ended.on(() => this.#again());
    this.#untilEnd();
  }

  #untilEnd(): void {
    const { expires } = this.access;
    if (expires === null) return;
    const left = expires - Date.now();
    this.#wait(left - Math.min(LEAD, left / 4));
  }

  /** A right that is refused at once is not asked for as fast as that. */
  #again(): void {
    const wait = this.#failures === 0 ? 0 : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.#failures - 1));
    this.#failures += 1;
    this.#wait(wait);
  }

  #wait(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#renew(), Math.max(0, Math.min(milliseconds, LONGEST_TIMER)));
  }

  async #renew(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const before = this.access.expires ?? 0;
      this.access.renew(paramsOf(await this.ask()));
      const { expires } = this.access;
      if (expires === null) return;
      if (expires <= before || expires <= Date.now()) this.#again();
      else {
        this.#failures = 0;
        this.#untilEnd();
      }
    } catch {
      this.#again();
    } finally {
      this.#asking = false;
    }
  }
}
