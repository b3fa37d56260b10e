// The panel for brightness, contrast and gamma. They change how the pictures of all panes are shown, and nothing drawn over them.

import { element, setAttributes, svgElement } from "../ui/dom";
import { slider } from "../ui/slider";
import type { Frame } from "./frame";
import type { Pane } from "./pane";
import { type Adjustment, isNeutral, lut, NEUTRAL } from "./picture-adjust";
import { words } from "./words";
import type { Workspace } from "./workspace";

const FILTER = "picture-adjust";

export function addPicturePanel(frame: Frame, workspace: Workspace): void {
  const table = new FilterTable();
  let adjustment: Adjustment = NEUTRAL;
  const chip = element(
    "button",
    { type: "button", class: "chip", hidden: true, title: words.pictureReset },
    words.adjusted,
  );
  chip.addEventListener("click", () => set(NEUTRAL));
  frame.stage.append(chip);

  const apply = (pane: Pane): void => {
    pane.adjustment = adjustment;
    // None at all where nothing is changed: no rounding touches the colours then.
    pane.viewer.drawer.canvas.style.filter = isNeutral(adjustment) ? "" : `url("#${FILTER}")`;
  };
  const set = (changed: Adjustment): void => {
    adjustment = Object.freeze(changed);
    if (!isNeutral(adjustment)) table.show(lut(adjustment));
    workspace.panes.forEach(apply);
    chip.hidden = isNeutral(adjustment);
    sliders.forEach((follow) => void follow());
  };
  const sliders: (() => void)[] = [];

  const render = (): HTMLElement => {
    const signed = (value: number): string => (value > 0 ? `+${value}` : String(value));
    const brightness = slider({
      label: words.brightness,
      min: -100,
      max: 100,
      step: 1,
      value: adjustment.brightness,
      text: signed,
      changed: (value) => set({ ...adjustment, brightness: value }),
    });
    const contrast = slider({
      label: words.contrast,
      min: -100,
      max: 100,
      step: 1,
      value: adjustment.contrast,
      text: signed,
      changed: (value) => set({ ...adjustment, contrast: value }),
    });
    // In steps of a tenth of a doubling, so that the middle is none.
    const gamma = slider({
      label: words.gamma,
      min: -2,
      max: 2,
      step: 0.1,
      value: Math.log2(adjustment.gamma),
      text: (value) => (2 ** value).toFixed(2),
      changed: (value) => set({ ...adjustment, gamma: 2 ** value }),
    });
    const reset = element("button", { type: "button", class: "wide" }, words.pictureReset);
    reset.addEventListener("click", () => set(NEUTRAL));
    sliders.splice(0, sliders.length, () => {
      brightness.set(adjustment.brightness);
      contrast.set(adjustment.contrast);
      gamma.set(Math.log2(adjustment.gamma));
    });
    return element(
      "div",
      { class: "picture-panel" },
      brightness.element,
      contrast.element,
      gamma.element,
      reset,
      element("p", { class: "quiet" }, words.pictureNote),
    );
  };
  frame.commands.add(
    frame.panel.command(
      { id: "picture", label: words.picture, group: "picture", keys: ["b"], icon: "picture" },
      { title: words.picture, render, closed: () => void sliders.splice(0) },
    ),
  );
  workspace.added.on(apply);
}

/** The filter that applies a table to red, green and blue; values between two of them don't occur. */
class FilterTable {
  readonly #functions = (["feFuncR", "feFuncG", "feFuncB"] as const).map((name) => svgElement(name, { type: "table" }));

  constructor() {
    const box = { x: 0, y: 0, width: "100%", height: "100%" };
    // In sRGB, as the values are stored: the default is linear light.
    const filter = svgElement(
      "filter",
      { id: FILTER, "color-interpolation-filters": "sRGB", ...box },
      svgElement("feComponentTransfer", {}, ...this.#functions),
    );
    document.body.append(svgElement("svg", { class: "unseen", "aria-hidden": "true" }, filter));
  }

  show(values: Uint8Array): void {
    const tableValues = Array.from(values, (value) => (value / 255).toFixed(5)).join(" ");
    for (const made of this.#functions) setAttributes(made, { tableValues });
  }
}
