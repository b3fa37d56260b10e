// OpenSeadragon has letters of its own on its canvas (w a s d r f j k 0 + -). They are the page's; only arrows stay with it,
// which moves smoothly for as long as one is held.

import type { Pane } from "./pane";

export function takeKeys(pane: Pane): void {
  pane.viewer.addHandler("canvas-key", (event) => {
    const { key, shiftKey } = event.originalEvent as KeyboardEvent;
    if (!key.startsWith("Arrow") || shiftKey) event.preventDefaultAction = true;
  });
}
