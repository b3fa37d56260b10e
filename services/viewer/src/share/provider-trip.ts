// The way from a slide's page to the identity provider and back. Browsers end a circle of redirects, but none that a script keeps
// going: where a provider that knows the user sends them back at once, and their new session is refused again.

const BEGUN = "wsi-sign-in:";

/** Milliseconds. Redirects alone take less; who fills in a form in less has arrived, as a rule. */
const CIRCLE = 30_000;

export class ProviderTrip {
  readonly #key: string;

  private constructor(page: string) {
    this.#key = BEGUN + page;
  }

  /** Of the page that is shown. */
  static here(): ProviderTrip {
    return new ProviderTrip(location.pathname);
  }

  /** Whether to go by itself: not again where the last trip has just begun, and has led back without being let in. */
  begin(now: number = Date.now()): boolean {
    try {
      const begun = Number(sessionStorage.getItem(this.#key) ?? NaN);
      if (Math.abs(now - begun) < CIRCLE) return false;
      sessionStorage.setItem(this.#key, String(now));
    } catch {
      // no storage, so no cookies either: the provider's answer is then turned away, which ends any circle
    }
    return true;
  }

  /** It has led to the slide. */
  arrive(): void {
    try {
      sessionStorage.removeItem(this.#key);
    } catch {
      // none was noted
    }
  }
}
