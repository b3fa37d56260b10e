// Keeps the session's cookie fresh while the page is open, so that nobody is signed out while looking at a slide.

import { marked } from "./mark";

/** Statuses that mean that the session is over; all others may pass. */
const OVER = new Set([401, 403, 404]);
const FIRST_WAIT = 5;
const LONGEST_WAIT = 60;
/** The longest that a timer can wait is 24 days; a day is more than any session has. */
const LONGEST_TIMER = 86_400;

/** Seconds after which the page's session is to be renewed, as the server wrote them into the page; null without one. */
export function renewAfter(): number | null {
  const seconds = Number(document.body.dataset["renewAfter"] ?? NaN);
  return Number.isFinite(seconds) ? seconds : null;
}

/** Seconds until the next try, after so many failures in a row. */
export function waitAfterFailures(failures: number): number {
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - 1));
}

export class Session {
  readonly #ended: () => void;
  readonly #renewed: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #due = 0;
  #failures = 0;
  #asking = false;
  #over = false;

  /** `ended` is called when the session can't be renewed any more; `renewed` each time that it is, by another tab's too after its end. */
  constructor(ended: () => void, renewed: () => void = () => undefined) {
    this.#ended = ended;
    this.#renewed = renewed;
  }

  /** Renews first after so many seconds; null where there is no session. */
  keep(renewAfter: number | null): void {
    if (renewAfter === null) return;
    this.#wait(renewAfter);
    // A laptop that slept: its timers did, too. And it may be back before its network is.
    document.addEventListener("visibilitychange", this.#look);
    window.addEventListener("online", this.#look);
  }

  readonly #look = (): void => {
    if (document.visibilityState === "visible" && (this.#over || Date.now() >= this.#due)) void this.renew();
  };

  #wait(seconds: number): void {
    clearTimeout(this.#timer);
    const milliseconds = Math.min(seconds, LONGEST_TIMER) * 1000;
    this.#due = Date.now() + milliseconds;
    this.#timer = setTimeout(() => void this.renew(), milliseconds);
  }

  /** Now, whether it is due or not. */
  async renew(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const answer = await fetch(marked("/auth/renew"), { method: "POST", credentials: "same-origin" });
      if (OVER.has(answer.status)) this.#end();
      else this.#again(answer.ok ? renewAfterOf(await answer.json()) : null);
    } catch {
      this.#again(null); // no network, or a proxy's page
    } finally {
      this.#asking = false;
    }
  }

  #again(renewAfter: number | null): void {
    this.#failures = renewAfter === null ? this.#failures + 1 : 0;
    if (this.#over && renewAfter === null) return; // waits to be looked at
    this.#over = false;
    this.#wait(renewAfter ?? waitAfterFailures(this.#failures));
    if (renewAfter !== null) this.#renewed();
  }

  #end(): void {
    clearTimeout(this.#timer);
    if (this.#over) return;
    this.#over = true;
    this.#ended();
  }
}

function renewAfterOf(body: unknown): number | null {
  if (typeof body !== "object" || body === null || !("renew_after" in body)) return null;
  const seconds = body.renew_after;
  return typeof seconds === "number" && seconds > 0 ? seconds : null;
}
