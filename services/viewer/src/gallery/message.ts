// What is said where there are no slides, or no more of them for now.

import { element } from "../ui/dom";
import { EVERYTHING, type Question } from "./question";
import type { SlideList } from "./slide-list";
import { words } from "./words";

export class Message {
  readonly element = element("div", { class: "list-message", role: "status", hidden: true });
  #said = "";

  constructor(private readonly retry: () => void) {}

  show(list: SlideList, question: Question, ask: (question: Question) => void): void {
    const { error, nothing } = list;
    const said = JSON.stringify([error?.message ?? null, error?.status ?? 0, nothing, question]);
    this.element.hidden = error === null && nothing === null;
    if (said === this.#said) return;
    this.#said = said;
    if (error !== null) {
      const isOver = error.status === 401 || error.status === 403;
      const again = button(isOver ? words.reload : words.tryAgain, isOver ? () => location.reload() : this.retry);
      this.element.replaceChildren(element("p", {}, words.listFailed(error.message)), again);
    } else if (nothing === "unmatched") {
      const said = question.search === "" ? words.unmatched : words.unmatchedName(question.search);
      const ways: HTMLElement[] = [];
      if (question.search !== "" && question.prefix !== "") {
        ways.push(button(words.everywhere, () => ask({ ...question, prefix: "" })));
      }
      ways.push(button(words.clear, () => ask({ ...EVERYTHING, sort: question.sort })));
      this.element.replaceChildren(element("p", {}, said), ...ways);
    } else if (nothing !== null) {
      const texts = {
        scanning: words.scanning,
        "none-yours": words.noneYours,
        "scan-failed": words.scanFailed,
        none: words.none,
      };
      this.element.replaceChildren(element("p", {}, texts[nothing]));
    }
  }
}

function button(text: string, run: () => void): HTMLButtonElement {
  const made = element("button", { type: "button" }, text);
  made.addEventListener("click", run);
  return made;
}
