// While panes are linked, the others show where the pointer is on the one.

import { svgElement } from "../ui/dom";
import type { Pane } from "../view/pane";
import type { Workspace } from "../view/workspace";
import type { LinkedPanes } from "./linked-panes";

export function addSharedCursor(workspace: Workspace, linked: LinkedPanes): void {
  const marks = new Map<Pane, SVGElement>();
  const hide = (): void => {
    for (const mark of marks.values()) mark.style.display = "none";
  };
  const add = (pane: Pane): void => {
    const mark = crossHair();
    mark.style.display = "none";
    marks.set(pane, mark);
    pane.layer.append(mark);
    pane.element.addEventListener("pointermove", (event) => {
      const lead = workspace.active === pane || event.buttons === 0;
      if (!lead || event.pointerType === "touch" || !linked.linked) return hide();
      const box = pane.layer.getBoundingClientRect();
      const place = pane.toSlide({ x: event.clientX - box.x, y: event.clientY - box.y });
      for (const [other, shown] of marks) {
        const there = other === pane ? null : linked.placeBetween(pane, place, other);
        shown.style.display = there === null ? "none" : "";
        if (there === null) continue;
        const at = other.toScreen(there);
        shown.style.transform = `translate(${at.x}px, ${at.y}px)`;
      }
    });
    pane.element.addEventListener("pointerleave", hide);
  };
  for (const pane of workspace.panes) add(pane);
  workspace.added.on(add);
  workspace.removed.on((pane) => marks.delete(pane));
  linked.changed.on(hide);
}

/** Dark on light on dark: seen on any tissue. */
function crossHair(): SVGElement {
  const d = "M-12 0h8M4 0h8M0-12v8M0 4v8";
  return svgElement(
    "svg",
    { class: "shared-cursor", viewBox: "-14 -14 28 28", width: 28, height: 28, "aria-hidden": "true" },
    svgElement("path", { d, class: "around" }),
    svgElement("path", { d }),
  );
}
