// The slides beside the first, and all that the page shows as one scene.

import { Access } from "../api/access";
import { marked } from "../api/mark";
import type { OpenSlide } from "../api/open-slide";
import { type Beside, formatScene, type Scene } from "../share/place";
import { Signal } from "../ui/signal";
import type { Workspace } from "../view/workspace";
import { BesideSlide } from "./beside-slide";
import { LinkedPanes } from "./linked-panes";

export class Comparison {
  readonly panes: LinkedPanes;
  /** Slides came or went, or were linked or not. */
  readonly changed = new Signal();
  #beside: BesideSlide[] = [];

  constructor(private readonly workspace: Workspace) {
    this.panes = new LinkedPanes(workspace);
    this.panes.changed.on(() => this.changed.emit());
  }

  get several(): boolean {
    return this.#beside.length > 0;
  }

  /** Where all panes look in this frame. */
  scene(): Scene {
    const [first] = this.workspace.panes;
    const beside = this.#beside.map(({ id, access, look }) => ({ id, access: access.params, look }));
    return { look: first?.isOpen === true ? first.look() : null, beside, linked: this.several && this.panes.linked };
  }

  /** Show what a scene tells; of the first slide, where it tells where. */
  async restore(scene: Scene): Promise<void> {
    // What is the same up to the first that is not stays, and only moves.
    const same = scene.beside.findIndex(({ id }, index) => this.#beside[index]?.id !== id);
    const kept = same < 0 ? scene.beside.length : same;
    for (const one of this.#beside.slice(kept)) this.close(one);
    this.panes.link(false);
    const [first] = this.workspace.panes;
    if (scene.look !== null) first?.lookAt(scene.look, true);
    for (const [index, { look }] of scene.beside.slice(0, kept).entries()) {
      if (look !== null) this.#beside[index]?.pane?.lookAt(look, true);
    }
    this.panes.link(scene.linked); // before they open: what is still finding its size takes the others along
    await Promise.all(scene.beside.slice(kept).map((one) => this.#open(one, scene.linked)));
  }

  /** Show one more; linked with the rest if it is the first that comes to another, or the rest is. */
  async add(id: string): Promise<void> {
    if (!this.several) this.panes.link(true);
    await this.#open({ id, access: {}, look: null }, this.panes.linked);
  }

  close(one: BesideSlide): void {
    this.#beside = this.#beside.filter((other) => other !== one);
    one.close();
    this.changed.emit();
  }

  /** The address of the page that shows the same without its first slide; null where the next one is not there yet. */
  withoutFirst(): string | null {
    const [next, ...others] = this.scene().beside;
    if (next === undefined) return null;
    const fragment = formatScene({ look: next.look, beside: others, linked: this.panes.linked });
    return marked(`/view/${encodeURIComponent(next.id)}${fragment === "" ? "" : `#${fragment}`}`);
  }

  async #open(beside: Beside, linked: boolean): Promise<void> {
    if (this.workspace.free < 1) return;
    const known = this.#known(beside);
    const access = known?.access ?? new Access({ ...beside.access });
    const one = new BesideSlide(beside.id, access, beside.look, known, this.workspace, () => this.close(one));
    this.#beside.push(one);
    this.changed.emit();
    const pane = await one.open();
    if (pane === null) return;
    if (beside.look !== null) pane.lookAt(beside.look, true);
    else if (linked) this.panes.alignLater(pane);
    this.changed.emit();
  }

  /** The same slide in another pane: then nothing need be fetched, and its right is the same. */
  #known({ id }: Beside): OpenSlide | null {
    return this.workspace.panes.map(({ slide }) => slide).find((slide) => slide.id === id) ?? null;
  }
}
