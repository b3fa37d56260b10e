// All that can be done on this page. Toolbars, keys and the list of keys are made from it.

import type { Command, Group } from "./command";
import { Signal } from "./signal";

export class Commands {
  readonly #all = new Map<string, Command>();
  /** One came, or what `isOn` or `isPossible` tells may have changed. */
  readonly changed = new Signal();

  /** @throws Error where the id or a key is another's. */
  add(...commands: Command[]): void {
    for (const command of commands) {
      const taken = command.keys?.find((key) => this.ofKey(key) !== null);
      if (this.#all.has(command.id) || taken !== undefined) {
        throw new Error(`Two commands ${taken === undefined ? command.id : `with the key ${taken}`}.`);
      }
      this.#all.set(command.id, command);
    }
    this.changed.emit();
  }

  inGroup(group: Group): Command[] {
    return [...this.#all.values()].filter((command) => command.group === group);
  }

  ofKey(key: string): Command | null {
    return [...this.#all.values()].find((command) => command.keys?.includes(key) === true) ?? null;
  }

  /** Does it, where it is possible. */
  run(command: Command): void {
    if (command.isPossible?.() === false) return;
    command.run();
    this.changed.emit();
  }
}
