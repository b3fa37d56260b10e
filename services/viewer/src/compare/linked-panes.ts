// Moves the other panes with the active one, in the same frame.

import type { OpenSlide } from "../api/open-slide";
import { Signal } from "../ui/signal";
import type { Look } from "../view/look";
import type { Pane } from "../view/pane";
import type { Point } from "../view/point";
import type { Workspace } from "../view/workspace";
import {
  aligned,
  type Extent,
  follow,
  type Offset,
  offsetBetween,
  type PixelSize,
  pixelSizes,
  placeOf,
} from "./linked-views";

export class LinkedPanes {
  /** Linked, or no longer. */
  readonly changed = new Signal();
  #linked = false;
  /** From this pane to each other: */
  #leader: Pane | null = null;
  readonly #offsets = new Map<Pane, Offset>();
  readonly #sizes = new Map<Pane, PixelSize>();
  readonly #late = new Set<Pane>();
  /** While panes are moved from here, what they tell is no news. */
  #isMoving = false;

  constructor(private readonly workspace: Workspace) {
    workspace.added.on((pane) => this.#watch(pane));
    workspace.removed.on((pane) => {
      this.#late.delete(pane);
      this.#offsets.delete(pane);
      if (this.#leader === pane) this.#leader = null;
      this.#measure();
    });
    // Whoever is taken hold of leads; the others stand still, or what is left of their own motion would part them.
    workspace.activated.on(() => {
      if (!this.#linked) return;
      for (const pane of this.#followers()) this.#move(pane, pane.look());
      this.#measure();
    });
  }

  get linked(): boolean {
    return this.#linked;
  }

  /** What lies between the panes now is kept from now on. */
  link(linked: boolean): void {
    if (linked) this.#measure();
    if (this.#linked === linked) return;
    this.#linked = linked;
    this.changed.emit();
  }

  /** Give all other panes the active one's magnification and turn, at the same part of their slides. */
  align(): void {
    const { active } = this.workspace;
    this.#offsets.clear();
    for (const pane of this.#followers()) this.#move(pane, this.#alignedTo(active, pane));
    this.#measure();
  }

  /** The same for one that comes, as soon as both are there. */
  alignLater(pane: Pane): void {
    this.#late.add(pane);
    this.#opened();
  }

  /** The place on another pane's slide that belongs to one of this pane's; null while they are not linked. */
  placeBetween(pane: Pane, place: Point, other: Pane): Point | null {
    if (!this.#linked || !pane.isOpen || !other.isOpen) return null;
    const offset = offsetBetween(pane.look(), this.#size(pane), other.look(), this.#size(other));
    return placeOf(place, this.#size(pane), offset, this.#size(other));
  }

  #watch(pane: Pane): void {
    // Also when a follower moves: a pane that becomes larger may have moved by itself.
    pane.moved.on(() => this.#keepUp());
    pane.viewer.addHandler("open", () => this.#opened());
    pane.viewer.addHandler("flip", () => {
      if (!pane.isPlacing) this.#measure();
    });
    // Where someone else has put it is where it belongs.
    pane.placed.on(() => {
      if (this.#isMoving) return;
      this.#offsets.delete(pane);
      this.#measure();
    });
  }

  #opened(): void {
    const { active } = this.workspace;
    this.#weigh();
    for (const pane of this.#late) {
      if (!active.isOpen || !pane.isOpen) continue;
      this.#late.delete(pane);
      this.#offsets.delete(pane);
      if (pane !== active) this.#move(pane, this.#alignedTo(active, pane));
    }
    this.#measure();
  }

  #keepUp(): void {
    const leader = this.#leader;
    if (!this.#linked || leader === null || this.#isMoving) return;
    const look = leader.look();
    for (const [pane, offset] of this.#offsets) {
      const now = pane.look();
      const to = follow(look, this.#size(leader), offset, this.#size(pane), now.flipped);
      if (!isSame(now, to)) this.#move(pane, to);
    }
  }

  #move(pane: Pane, look: Look): void {
    this.#isMoving = true;
    pane.lookAt(look, true);
    this.#isMoving = false;
  }

  #followers(): Pane[] {
    return this.workspace.panes.filter((pane) => pane !== this.workspace.active && pane.isOpen);
  }

  #alignedTo(active: Pane, pane: Pane): Look {
    const other = { slide: extentOf(pane.slide), size: this.#size(pane), flipped: pane.look().flipped };
    return aligned(active.look(), extentOf(active.slide), this.#size(active), other);
  }

  /** What lies between the active pane and the others now is their offset. */
  #measure(): void {
    this.#keepUp(); // one may have moved in this frame, and nobody followed yet
    this.#weigh();
    this.#offsets.clear();
    const { active } = this.workspace;
    this.#leader = active.isOpen ? active : null;
    if (this.#leader === null) return;
    for (const pane of this.#followers()) {
      this.#offsets.set(pane, offsetBetween(active.look(), this.#size(active), pane.look(), this.#size(pane)));
    }
  }

  #weigh(): void {
    const { panes } = this.workspace;
    const sizes = pixelSizes(panes.map((pane) => extentOf(pane.slide)));
    this.#sizes.clear();
    for (const [index, pane] of panes.entries()) this.#sizes.set(pane, sizes[index] ?? { x: 1, y: 1 });
  }

  #size(pane: Pane): PixelSize {
    return this.#sizes.get(pane) ?? { x: 1, y: 1 };
  }
}

function extentOf({ metadata }: OpenSlide): Extent {
  return { width: metadata.width, height: metadata.height, mpp: metadata.mpp };
}

/** As far as a screen can tell. */
function isSame(one: Look, other: Look): boolean {
  const near = (difference: number): boolean => Math.abs(difference) < 1e-3;
  return (
    near((one.x - other.x) / one.downsample) &&
    near((one.y - other.y) / one.downsample) &&
    Math.abs(one.downsample / other.downsample - 1) < 1e-7 &&
    near(((one.rotation - other.rotation + 540) % 360) - 180)
  );
}
