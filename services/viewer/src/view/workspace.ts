// The panes of the page, one to four, and which of them commands are for.

import type { OpenSlide } from "../api/open-slide";
import type { TileWatcher } from "../tiles/tile-loader";
import { element } from "../ui/dom";
import { Signal } from "../ui/signal";
import { drawers } from "./exact-canvas";
import { Pane } from "./pane";

const MOST_PANES = 4;

export class Workspace {
  readonly element = element("div", { class: "workspace" });
  readonly added = new Signal<Pane>();
  readonly removed = new Signal<Pane>();
  /** Another pane is the active one. */
  readonly activated = new Signal<Pane>();
  readonly #slots: HTMLElement[] = [];
  #panes: Pane[] = [];
  #active: Pane | null = null;

  /** Found out once: that takes a graphics context. */
  readonly #drawers = drawers();

  constructor(private readonly watcher: TileWatcher) {}

  /** In the order in which they stand. */
  get panes(): readonly Pane[] {
    return this.#panes;
  }

  /** The one that was pointed at or focused last. @throws Error before the first. */
  get active(): Pane {
    if (this.#active === null) throw new Error("There is no pane yet.");
    return this.#active;
  }

  /** Places that are free: those of slides that are still on their way are not. */
  get free(): number {
    return MOST_PANES - this.#slots.length;
  }

  /** Keep a place for a slide that is on its way. @throws RangeError where there are four. */
  openSlot(): HTMLElement {
    if (this.free < 1) throw new RangeError(`At most ${MOST_PANES} slides.`);
    const slot = element("div", { class: "slot" });
    this.#slots.push(slot);
    this.element.append(slot);
    this.#layOut();
    return slot;
  }

  /** Give a place up, and the pane in it. The last one stays. */
  closeSlot(slot: HTMLElement): void {
    if (this.#slots.length < 2 || !this.#slots.includes(slot)) return;
    this.#slots.splice(this.#slots.indexOf(slot), 1);
    const pane = this.#panes.find((one) => one.element.parentElement === slot);
    if (pane !== undefined) {
      this.#panes = this.#panes.filter((other) => other !== pane);
      const [first] = this.#panes;
      if (this.#active === pane && first !== undefined) this.activate(first);
      pane.destroy();
    }
    slot.remove();
    this.#layOut();
    if (pane !== undefined) this.removed.emit(pane);
  }

  /** @throws RangeError where there are four. */
  add(slide: OpenSlide, slot: HTMLElement = this.openSlot()): Pane {
    const pane = new Pane(slide, this.watcher, slot, this.#drawers);
    const before = this.#panes.filter((one) => this.#indexOf(one) < this.#slots.indexOf(slot)).length;
    this.#panes = [...this.#panes.slice(0, before), pane, ...this.#panes.slice(before)];
    for (const event of ["pointerdown", "focusin", "wheel"] as const) {
      slot.addEventListener(event, () => this.activate(pane), { capture: true, passive: true });
    }
    this.added.emit(pane);
    if (this.#active === null) this.activate(pane);
    return pane;
  }

  /** The last one stays. */
  remove(pane: Pane): void {
    const slot = this.#slots[this.#indexOf(pane)];
    if (slot !== undefined) this.closeSlot(slot);
  }

  activate(pane: Pane): void {
    if (this.#active === pane || !this.#panes.includes(pane)) return;
    this.#active = pane;
    for (const other of this.#panes) other.element.classList.toggle("active", other === pane);
    this.activated.emit(pane);
  }

  #indexOf(pane: Pane): number {
    const slot = pane.element.parentElement;
    return slot === null ? -1 : this.#slots.indexOf(slot);
  }

  #layOut(): void {
    this.element.dataset["panes"] = String(this.#slots.length);
  }
}
