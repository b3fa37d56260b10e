// A slide that is seen whole stays so when its place on the page becomes another; any other view keeps its magnification.

import type { Pane } from "./pane";

const NEAR = 1e-3;

export function keepFit(pane: Pane): void {
  const { viewer } = pane;
  let isWhole = true;
  /** Whether the whole was seen before the resize that is not on the screen yet. */
  let wasWhole: boolean | null = null;
  const look = (): void => {
    const { viewport } = viewer;
    const away = viewport.getCenter().distanceTo(viewport.getHomeBounds().getCenter());
    const zoomed = Math.abs(viewport.getZoom() / viewport.getHomeZoom() - 1);
    isWhole = zoomed < NEAR && away < NEAR && viewport.getRotation() === 0;
  };
  for (const event of ["pan", "zoom", "rotate"] as const) viewer.addHandler(event, look);
  viewer.addHandler("resize", () => {
    wasWhole ??= isWhole;
  });
  // Not before the viewer has done its own part of it.
  viewer.addHandler("update-viewport", () => {
    const isDue = wasWhole === true;
    wasWhole = null;
    if (isDue) viewer.viewport.goHome(true);
  });
}
