// The parameters that open one slide's routes, for as long as they do. None while access is open, or where a cookie does it.

import { Signal } from "../ui/signal";
import { withParams } from "./metadata";

export class Access {
  #params: Record<string, string>;
  readonly renewed = new Signal();

  constructor(params: Record<string, string> = {}) {
    this.#params = params;
  }

  get params(): Readonly<Record<string, string>> {
    return this.#params;
  }

  /** A path of this slide's, with the right to it. */
  url(path: string): string {
    return withParams(path, this.#params);
  }

  /** Others, that last longer. */
  renew(params: Record<string, string>): void {
    this.#params = params;
    this.renewed.emit();
  }
}
