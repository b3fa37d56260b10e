// A slider with its name and its value.

import { element } from "./dom";

export interface SliderOptions {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  /** How the value is written. */
  text(value: number): string;
  changed(value: number): void;
}

export interface Slider {
  readonly element: HTMLElement;
  /** Shows another value; `changed` is not called. */
  set(value: number): void;
}

export function slider(options: SliderOptions): Slider {
  const { min, max, step, value } = options;
  const input = element("input", { type: "range", min, max, step, value, "aria-label": options.label });
  const output = element("output");
  const show = (): void => {
    const text = options.text(input.valueAsNumber);
    output.textContent = text;
    input.setAttribute("aria-valuetext", text);
  };
  input.addEventListener("input", () => {
    show();
    options.changed(input.valueAsNumber);
  });
  show();
  return {
    element: element("label", { class: "slider" }, element("span", {}, options.label), output, input),
    set: (changed) => {
      input.valueAsNumber = changed;
      show();
    },
  };
}
