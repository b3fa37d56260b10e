// The buttons of some groups of commands.

import type { Command, Group } from "./command";
import type { Commands } from "./commands";
import { element } from "./dom";
import { icon } from "./icon";

/** A toolbar that follows the commands as they come and change. */
export function toolbar(commands: Commands, groups: readonly Group[], label: string): HTMLElement {
  const bar = element("div", { class: "tools", role: "toolbar", "aria-label": label });
  const buttons = new Map<Command, HTMLButtonElement>();
  const update = (): void => {
    for (const command of groups.flatMap((group) => commands.inGroup(group))) {
      if (command.icon === undefined) continue;
      let button = buttons.get(command);
      if (button === undefined) {
        button = commandButton(commands, command);
        buttons.set(command, button);
        bar.append(button);
      }
      button.disabled = command.isPossible?.() === false;
      if (command.isOn !== undefined) button.setAttribute("aria-pressed", String(command.isOn()));
    }
  };
  commands.changed.on(update);
  update();
  return bar;
}

function commandButton(commands: Commands, command: Command): HTMLButtonElement {
  const keys = command.keys === undefined ? "" : ` (${command.keys.join(", ")})`;
  const button = element("button", {
    type: "button",
    id: command.id,
    title: command.label + keys,
    "aria-label": command.label,
  });
  if (command.icon !== undefined) button.append(icon(command.icon));
  button.addEventListener("click", () => commands.run(command));
  return button;
}
