// The page that shows ours in a frame. Only those that the server names may do so (frame-ancestors); it is told before a link's
// right ends, and may hand over a new one.

import { Signal } from "../ui/signal";

const RENEWAL = "wsi-streamer:access";
const ENDING = "wsi-streamer:access-ending";

export interface Renewal {
  /** Null: the first one of the page. */
  readonly slide: string | null;
  readonly params: Readonly<Record<"exp" | "vt", string>>;
}

/** What a message says; null where it is another one. `exp` is in unix seconds, `vt` a viewer token. */
export function renewalOf(message: unknown): Renewal | null {
  if (typeof message !== "object" || message === null) return null;
  const { type, exp, vt, slide = null } = message as Record<string, unknown>;
  if (type !== RENEWAL || typeof vt !== "string" || !/^[0-9a-f]{64}$/i.test(vt)) return null;
  if (!/^\d{1,12}$/.test(String(exp)) || (slide !== null && typeof slide !== "string")) return null;
  return { slide, params: { exp: String(exp), vt } };
}

export class ParentPage {
  readonly renews = new Signal<Renewal>();

  private constructor(private readonly parent: Window) {
    window.addEventListener("message", ({ source, data }) => {
      const renewal = source === this.parent ? renewalOf(data) : null;
      if (renewal !== null) this.renews.emit(renewal);
    });
  }

  /** Null where the page stands for itself. */
  static find(): ParentPage | null {
    return window.parent === window ? null : new ParentPage(window.parent);
  }

  /** The right ends at that time, in milliseconds as `Date.now` counts. */
  tellEnding(expires: number): void {
    this.parent.postMessage({ type: ENDING, expires: Math.floor(expires / 1000) }, originOfParent());
  }
}

/** Where no browser tells, anyone may read that a right ends: it says no more than when. */
function originOfParent(): string {
  const [nearest] = location.ancestorOrigins ?? [];
  if (nearest !== undefined && nearest !== "null") return nearest;
  return document.referrer === "" ? "*" : new URL(document.referrer).origin;
}
