// Keeps the address's fragment telling what is on the screen, and follows one that is put there.

import type { Comparison } from "../compare/comparison";
import type { Pane } from "../view/pane";
import type { Workspace } from "../view/workspace";
import { takePlace } from "./kept-place";
import { formatScene, parseScene } from "./place";
import { ProviderTrip } from "./provider-trip";

/** Milliseconds at rest. Browsers allow some three changes of the address a second, and count over half a minute. */
const REST = 400;

export class PlaceKeeper {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #restoring: Promise<void> | null = null;
  /** What the page showed when nobody had moved yet: the plain address says it as well. */
  #home: string | null = null;
  #seen: string | null = null;

  constructor(
    workspace: Workspace,
    private readonly comparison: Comparison,
  ) {
    workspace.added.on((pane) => this.#watch(pane));
    comparison.changed.on(() => this.#later());
    // Not what the address says by now: it may have been written once more meanwhile.
    window.addEventListener("hashchange", ({ newURL }) => void this.#restore(new URL(newURL).hash));
  }

  /** To be called once, when the first pane is there. */
  start(): void {
    const kept = takePlace();
    ProviderTrip.here().arrive();
    const fragment = location.hash.length > 1 ? location.hash : kept;
    if (fragment === "") return;
    this.#home = ""; // what it shows first is not what the plain address does
    void this.#restore(fragment);
  }

  /** The fragment that tells what is on the screen now, without `#`. */
  get fragment(): string {
    return formatScene(this.comparison.scene());
  }

  /** Write it now. */
  flush(): void {
    clearTimeout(this.#timer);
    if (this.#restoring !== null) return; // it tells more than is there yet
    const { fragment } = this;
    if (fragment === location.hash.slice(1) || (location.hash === "" && fragment === this.#home)) return;
    history.replaceState(history.state, "", `${location.pathname}${location.search}${fragment && `#${fragment}`}`);
  }

  async #restore(fragment: string): Promise<void> {
    clearTimeout(this.#timer);
    const restoring = this.comparison.restore(parseScene(fragment));
    this.#restoring = restoring;
    try {
      await restoring;
    } catch (error) {
      reportError(error); // what is there is still worth an address
    }
    if (this.#restoring !== restoring) return; // another came meanwhile
    this.#restoring = null;
    this.#later();
  }

  #watch(pane: Pane): void {
    pane.moved.on(() => {
      const { fragment } = this;
      if (fragment === this.#seen) return; // drawn again, as tiles come
      this.#seen = fragment;
      if (pane.isOpen) this.#home ??= fragment;
      this.#later();
    });
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), REST);
  }
}
