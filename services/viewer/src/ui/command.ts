// Something that the user can have done: by a button, by a key, and named in the list of keys.

import type { IconName } from "./icon";

/** Where a command belongs; toolbars and the list of keys are ordered so. */
export type Group = "zoom" | "move" | "turn" | "picture" | "mark" | "compare" | "share" | "page";

export interface Command {
  readonly id: string;
  /** In the page's language. */
  readonly label: string;
  readonly group: Group;
  /** As `KeyboardEvent.key` has them; letters small, or large for those with shift. */
  readonly keys?: readonly string[];
  /** With one it has a button in its group's toolbar. */
  readonly icon?: IconName;
  run(): void;
  /** For what is on or off. */
  isOn?(): boolean;
  /** False: its button is not to be pressed now. */
  isPossible?(): boolean;
  /** True: it would do nothing now, and leaves its keys to others. */
  isIdle?(): boolean;
}
