// A line that tells how the chosen tool is used, and what has just been measured.

import { element } from "../../ui/dom";
import type { Scale } from "../geometry/geometry";
import { measureText } from "../model/format";
import type { Kind, Mark } from "../model/mark";
import { measures } from "../model/measure";
import { kindName, words } from "../words";
import type { Modality } from "./modality";
import type { Tools } from "./tools";

const HOW: Readonly<Record<Kind, string>> = {
  distance: words.hintTwo,
  line: words.hintTwo,
  rectangle: words.hintBox,
  ellipse: words.hintBox,
  angle: words.hintAngle,
  point: words.hintPoint,
  text: words.hintPoint,
  area: words.hintRing,
  polygon: words.hintRing,
  freehand: words.hintFreehand,
};

export class Hint {
  /** Else it tells what was measured. */
  #saysHow = true;
  readonly element = element("div", { class: "mark-hint", role: "status", hidden: true });

  constructor(
    private readonly tools: Tools,
    private readonly modality: Modality,
  ) {
    tools.changed.on(() => this.#show());
    modality.changed.on(() => {
      if (this.#saysHow) this.#show();
    });
  }

  /** What has just been drawn. */
  tell(mark: Mark, mpp: Scale | null): void {
    this.#saysHow = false;
    this.element.replaceChildren(words.finished(kindName(mark.kind), measureText(measures(mark, mpp))));
  }

  #show(): void {
    const { kind } = this.tools;
    this.element.hidden = kind === null;
    this.#saysHow = true;
    if (kind === null) return;
    this.element.replaceChildren(
      element("strong", {}, kindName(kind)),
      element("span", {}, this.modality.isKeyboard ? words.hintKeys : HOW[kind]),
    );
  }
}
