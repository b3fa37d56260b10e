// A slide beside the first: on its way, shown, or why it can't be.

import type { Access } from "../api/access";
import { ApiError } from "../api/api-fetch";
import { fetchMetadata, type OpenSlide } from "../api/open-slide";
import { element } from "../ui/dom";
import type { Look } from "../view/look";
import type { Pane } from "../view/pane";
import type { Workspace } from "../view/workspace";
import { nameOf } from "./slide-list";
import { type SlotBar, slotBar } from "./slot-bar";
import { words } from "./words";

/** Answers that asking again won't change. */
const FINAL = new Set([400, 401, 403, 404, 415]);

export class BesideSlide {
  readonly slot: HTMLElement;
  #pane: Pane | null = null;
  #closed = false;
  readonly #bar: SlotBar;
  readonly #said = element("p", { role: "status" });
  readonly #waiting = element("section", { class: "pane waiting" }, this.#said);

  /**
   * @param wanted where to look at first.
   * @param known what was fetched of this slide already.
   * @throws RangeError where there is no free place.
   */
  constructor(
    readonly id: string,
    readonly access: Access,
    readonly wanted: Look | null,
    private readonly known: OpenSlide | null,
    private readonly workspace: Workspace,
    close: () => void,
  ) {
    this.slot = workspace.openSlot();
    this.#bar = slotBar(known?.name ?? words.opening, close);
    this.slot.append(this.#bar.element, this.#waiting);
  }

  /** Once it is there. */
  get pane(): Pane | null {
    return this.#pane;
  }

  /** What it shows; what it is to show, while it does not. */
  get look(): Look | null {
    return this.#pane?.isOpen === true ? this.#pane.look() : this.wanted;
  }

  /** Fetches and shows it; null where it can't be shown, which the slot then says, or was closed meanwhile. */
  async open(): Promise<Pane | null> {
    this.#said.textContent = words.opening;
    try {
      const slide = this.known ?? (await this.#fetch());
      if (this.#closed) return null;
      this.#waiting.remove();
      this.#bar.rename(slide.name);
      this.#pane = this.workspace.add(slide, this.slot);
      return this.#pane;
    } catch (error) {
      if (this.#closed) return null;
      if (!(error instanceof ApiError)) reportError(error);
      this.#refused(error instanceof ApiError ? error : null);
      return null;
    }
  }

  close(): void {
    this.#closed = true;
    this.workspace.closeSlot(this.slot);
  }

  async #fetch(): Promise<OpenSlide> {
    const metadata = await fetchMetadata(this.id, this.access, (error) => {
      this.#said.textContent = error.message;
    });
    const name = nameOf(metadata.key) ?? words.slide(metadata.id);
    return { id: metadata.id, name, access: this.access, metadata };
  }

  /** `error` null: the page's own. */
  #refused(error: ApiError | null): void {
    this.#bar.rename(words.cannotShow);
    this.#said.textContent = error === null ? words.pageFailed : sentence(error);
    if (!this.#waiting.isConnected) this.slot.append(this.#waiting);
    if (error === null || FINAL.has(error.status)) return;
    const again = element("button", { type: "button" }, words.tryAgain);
    again.addEventListener("click", () => {
      again.remove();
      void this.open();
    });
    this.#waiting.append(again);
  }
}

function sentence(error: ApiError): string {
  if (error.status === 401 || error.status === 403) return words.notAllowed;
  return error.status === 404 ? words.notFound : error.message;
}
