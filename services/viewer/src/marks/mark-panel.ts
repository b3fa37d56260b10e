// The panel of marks.

import { element } from "../ui/dom";
import type { PanelContent } from "../ui/side-panel";
import type { KeptMarks } from "./kept-marks";
import type { PaneMarks } from "./pane-marks";
import type { Tools } from "./tools";
import { words } from "./words";

export class MarkPanel implements PanelContent {
  readonly title = words.title;

  constructor(
    private readonly active: () => PaneMarks | null,
    private readonly tools: Tools,
    private readonly kept: KeptMarks,
  ) {}

  render(): HTMLElement {
    return element(
      "div",
      { class: "mark-panel" },
      String(this.active()?.marks.count),
      this.tools.colour,
      String(this.kept.isKept),
    );
  }

  update(): void {}

  focusEditor(): void {}
}
