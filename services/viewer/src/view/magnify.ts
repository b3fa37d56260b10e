// The present magnification, and the steps to others: by the menu behind the readout, and by the keys 1 to 7.

import type { Command } from "../ui/command";
import { element } from "../ui/dom";
import { keyName } from "../ui/key-names";
import { Popup } from "../ui/popup";
import type { Frame } from "./frame";
import {
  isBeyondScan,
  isSame,
  magnificationLabel,
  type Preset,
  presets,
  type SlideScale,
  scannedPower,
} from "./magnification";
import type { Pane } from "./pane";
import { words } from "./words";
import type { Workspace } from "./workspace";

const STEPS = 6;

function scaleOf({ slide: { metadata } }: Pane): SlideScale {
  return { mpp: metadata.mpp?.x ?? null, objective: metadata.objective };
}

/** Pixels of level 0 a device pixel. */
function density(pane: Pane): number {
  return pane.downsample / window.devicePixelRatio;
}

function go(pane: Pane, wanted: number): void {
  pane.setDownsample(wanted * window.devicePixelRatio);
}

/** Whether the pane can be zoomed so far in or out. */
function isWithin(pane: Pane, wanted: number): boolean {
  if (!pane.viewer.isOpen()) return false;
  const { viewport } = pane.viewer;
  const zoom = (viewport.getZoom(true) * density(pane)) / wanted;
  return zoom <= viewport.getMaxZoom() * 1.001 && zoom >= viewport.getMinZoom() * 0.999;
}

export function addMagnification(frame: Frame, workspace: Workspace): void {
  const { commands } = frame;
  const preset = (index: number): Preset => presets(scaleOf(workspace.active))[index] as Preset;
  const steps = Array.from(
    { length: STEPS },
    (_, index): Command => ({
      id: `magnify-${index + 1}`,
      get label() {
        return words.magnification(preset(index).label);
      },
      group: "zoom",
      keys: [String(index + 1)],
      run: () => go(workspace.active, preset(index).density),
      isOn: () => isSame(density(workspace.active), preset(index).density),
      isPossible: () => isWithin(workspace.active, preset(index).density),
    }),
  );
  const oneToOne: Command = {
    id: "magnify-7",
    label: words.oneToOne,
    group: "zoom",
    keys: ["7"],
    run: () => go(workspace.active, 1),
    isOn: () => isSame(density(workspace.active), 1),
  };
  commands.add(...steps, oneToOne);

  const text = element("span");
  const button = element("button", { type: "button", class: "readout", title: words.magnify }, text);
  const popup = new Popup(button, {
    role: "menu",
    label: words.magnify,
    render: () => [...steps.map((step, index) => item(step, preset(index).label, preset(index).density)), ...rest()],
  });
  const item = (command: Command, name: string, wanted: number | null): HTMLElement => {
    const beyond = wanted !== null && isBeyondScan(wanted);
    const line = element(
      "button",
      {
        type: "button",
        role: "menuitemradio",
        tabindex: -1,
        "aria-checked": String(command.isOn?.() === true),
        disabled: command.isPossible?.() === false,
        title: beyond ? words.beyondScan : null,
      },
      element("span", {}, name),
      element("span", { class: "quiet" }, beyond ? words.beyond : ""),
      element("kbd", {}, keyName(command.keys?.[0] ?? "")),
    );
    line.addEventListener("click", () => {
      popup.close();
      button.focus();
      commands.run(command);
    });
    return line;
  };
  const rest = (): Node[] => {
    const home = commands.ofKey("h");
    const scale = scaleOf(workspace.active);
    const source = scale.mpp !== null ? null : scannedPower(scale) !== null ? words.byObjective : words.byPixels;
    return [
      item(oneToOne, words.oneToOneShort, null),
      ...(home === null ? [] : [item({ ...home, isOn: () => false }, words.fit, null)]),
      ...(source === null ? [] : [element("p", { class: "quiet" }, source)]),
    ];
  };
  frame.moveTools.add("zoom", popup.element, "start");

  const show = (pane: Pane): void => {
    if (pane !== workspace.active || !pane.viewer.isOpen()) return;
    const label = magnificationLabel(scaleOf(pane), density(pane));
    const beyond = isBeyondScan(density(pane));
    if (text.textContent === label && button.classList.contains("beyond") === beyond) return;
    text.textContent = label;
    button.classList.toggle("beyond", beyond);
    button.title = beyond ? `${words.magnify}. ${words.beyondScan}` : words.magnify;
    button.setAttribute("aria-label", `${words.magnification(label)}${beyond ? `. ${words.beyondScan}` : ""}`);
  };
  workspace.added.on((pane) => void pane.moved.on(() => show(pane)));
  workspace.activated.on(show);
}
