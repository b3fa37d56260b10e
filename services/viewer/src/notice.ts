// One line that tells the user what is wrong, and goes away when it no longer is.

export class Notice {
  readonly #element: HTMLElement;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  show(message: string): void {
    this.#element.textContent = message;
    this.#element.hidden = false;
  }

  hide(): void {
    this.#element.hidden = true;
  }
}
