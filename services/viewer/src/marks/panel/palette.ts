// Colours to choose from.

import { element } from "../../ui/dom";
import { COLOURS } from "../model/mark";
import { words } from "../words";

const NAMES = [words.green, words.blue, words.red, words.yellow, words.cyan, words.black];

/** A row of colours, one of them chosen; one of its own, where a file brought it. */
export function palette(label: string, chosen: string, choose: (colour: string) => void): HTMLElement {
  const own = (COLOURS as readonly string[]).includes(chosen) ? [] : [chosen];
  const buttons = [...COLOURS, ...own].map((colour, i) => {
    const name = NAMES[i] ?? colour;
    const button = element("button", {
      type: "button",
      class: "mark-colour",
      "aria-label": name,
      title: name,
      "aria-pressed": String(colour === chosen),
    });
    button.append(swatch(colour));
    button.addEventListener("click", () => choose(colour));
    return button;
  });
  return element("div", { class: "mark-palette", role: "group", "aria-label": label }, ...buttons);
}

export function swatch(colour: string): HTMLElement {
  const made = element("span", { class: "mark-swatch" });
  made.style.background = colour;
  return made;
}
