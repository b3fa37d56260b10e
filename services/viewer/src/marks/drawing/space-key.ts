// Whether the Space key is held over a pane: then a drag moves the picture, whatever the tool.

export class SpaceKey {
  #isHeld = false;
  readonly #ending = new AbortController();

  /** @param isUsed whether it means anything now; while it is held the pane has a class that tells so. */
  constructor(
    private readonly pane: HTMLElement,
    private readonly isUsed: () => boolean,
  ) {
    const { signal } = this.#ending;
    document.addEventListener("keydown", (event) => this.#press(event), { signal });
    document.addEventListener("keyup", ({ key }) => key === " " && this.release(), { signal });
    window.addEventListener("blur", () => this.release(), { signal }); // its keyup goes elsewhere
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  release(): void {
    this.#become(false);
  }

  destroy(): void {
    this.#ending.abort();
    this.release();
  }

  #press(event: KeyboardEvent): void {
    if (event.key !== " " || !this.isUsed()) return;
    const { target } = event;
    if (target !== document.body && !(target instanceof Node && this.pane.contains(target))) return;
    this.#become(true);
    event.preventDefault();
  }

  #become(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.pane.classList.toggle("space-held", isHeld);
  }
}
