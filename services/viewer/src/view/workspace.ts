// The panes of the page, one to four, and which of them commands are for.

import type { OpenSlide } from "../api/open-slide";
import type { TileWatcher } from "../tiles/tile-loader";
import { element } from "../ui/dom";
import { Signal } from "../ui/signal";
import { Pane } from "./pane";

export const MOST_PANES = 4;

export class Workspace {
  readonly element = element("div", { class: "workspace" });
  readonly added = new Signal<Pane>();
  readonly removed = new Signal<Pane>();
  /** Another pane is the active one. */
  readonly activated = new Signal<Pane>();
  #panes: Pane[] = [];
  #active: Pane | null = null;

  constructor(private readonly watcher: TileWatcher) {}

  get panes(): readonly Pane[] {
    return this.#panes;
  }

  /** The one that was pointed at or focused last. @throws Error before the first. */
  get active(): Pane {
    if (this.#active === null) throw new Error("There is no pane yet.");
    return this.#active;
  }

  /** @throws RangeError where there are four. */
  add(slide: OpenSlide): Pane {
    if (this.#panes.length >= MOST_PANES) throw new RangeError(`At most ${MOST_PANES} slides.`);
    const pane = new Pane(slide, this.watcher, this.element);
    this.#panes.push(pane);
    this.#layOut();
    for (const event of ["pointerdown", "focusin", "wheel"] as const) {
      pane.element.addEventListener(event, () => this.activate(pane), { capture: true, passive: true });
    }
    this.added.emit(pane);
    if (this.#active === null) this.activate(pane);
    return pane;
  }

  /** The last one stays. */
  remove(pane: Pane): void {
    if (this.#panes.length < 2 || !this.#panes.includes(pane)) return;
    this.#panes = this.#panes.filter((other) => other !== pane);
    const [first] = this.#panes;
    if (this.#active === pane && first !== undefined) this.activate(first);
    pane.destroy();
    this.#layOut();
    this.removed.emit(pane);
  }

  activate(pane: Pane): void {
    if (this.#active === pane) return;
    this.#active = pane;
    for (const other of this.#panes) other.element.classList.toggle("active", other === pane);
    this.activated.emit(pane);
  }

  #layOut(): void {
    this.element.dataset["panes"] = String(this.#panes.length);
  }
}
