// Turning and mirroring the picture.

import { element } from "../ui/dom";
import { Popup } from "../ui/popup";
import { slider } from "../ui/slider";
import type { Frame } from "./frame";
import type { Pane } from "./pane";
import { turnByFingers } from "./two-fingers";
import { words } from "./words";
import type { Workspace } from "./workspace";

/** Degrees clockwise on the screen, above -180 and up to 180. */
export function normalized(degrees: number): number {
  const within = ((degrees % 360) + 360) % 360;
  return within > 180 ? within - 360 : within;
}

/** Whole degrees that are seen: a mirrored picture turns the other way. */
function angleOf({ viewer: { viewport } }: Pane): number {
  return Math.round(normalized(viewport.getRotation() * (viewport.getFlip() ? -1 : 1)));
}

function setAngle({ viewer: { viewport } }: Pane, degrees: number, immediately: boolean): void {
  viewport.setRotation(degrees * (viewport.getFlip() ? -1 : 1), immediately);
}

export function addTurning(frame: Frame, workspace: Workspace): void {
  const { commands } = frame;
  const quarter = (sign: number): void => {
    const { viewport } = workspace.active.viewer;
    viewport.setRotation(viewport.getRotation() + 90 * sign * (viewport.getFlip() ? -1 : 1));
  };
  const flip = (): void => void workspace.active.viewer.viewport.toggleFlip();
  const isFlipped = (): boolean => workspace.panes.length > 0 && workspace.active.viewer.viewport?.getFlip() === true;
  const reset = (): void => {
    if (isFlipped()) flip();
    setAngle(workspace.active, 0, false);
  };
  commands.add(
    { id: "turn-left", label: words.turnLeft, group: "turn", keys: ["R"], icon: "turn-left", run: () => quarter(-1) },
    { id: "turn-right", label: words.turnRight, group: "turn", keys: ["r"], icon: "turn-right", run: () => quarter(1) },
    { id: "flip", label: words.flip, group: "turn", keys: ["v"], icon: "flip", run: flip, isOn: isFlipped },
  );

  const text = element("span");
  const button = element("button", { type: "button", class: "angle", title: words.angle }, text);
  let shown: { set(value: number): void } | null = null;
  const popup = new Popup(button, {
    role: "dialog",
    label: words.angle,
    render: () => {
      const angle = slider({
        label: words.angle,
        min: -180,
        max: 180,
        step: 1,
        value: angleOf(workspace.active),
        text: (value) => `${value}°`,
        changed: (value) => setAngle(workspace.active, value, true),
      });
      shown = angle;
      const straight = element("button", { type: "button", class: "wide" }, words.turnReset);
      straight.addEventListener("click", () => {
        reset();
        commands.changed.emit();
      });
      const phone = element("div", { class: "only-narrow" });
      for (const command of commands.inGroup("turn")) {
        const same = element("button", { type: "button", class: "wide" }, command.label);
        same.addEventListener("click", () => commands.run(command));
        phone.append(same);
      }
      return [angle.element, phone, straight];
    },
  });
  frame.moveTools.add("turn", popup.element, "end");

  const show = (pane: Pane): void => {
    if (pane !== workspace.active || !pane.viewer.isOpen()) return;
    const degrees = angleOf(pane);
    const label = `${degrees}°`;
    if (text.textContent === label) return;
    text.textContent = label;
    button.setAttribute("aria-label", `${words.angle}: ${label}`);
    button.classList.toggle("turned", degrees !== 0);
    shown?.set(degrees);
  };
  workspace.added.on((pane) => {
    turnByFingers(pane, () => show(pane));
    pane.moved.on(() => show(pane));
  });
  workspace.activated.on(show);
}
