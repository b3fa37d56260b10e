// A slide that is seen whole stays so when its place on the page becomes another; any other view keeps its magnification.

import type { Pane } from "./pane";

const NEAR = 1e-3;

export function keepFit(pane: Pane): void {
  const { viewer } = pane;
  let isWhole = true;
  let isResized = false;
  const look = (): void => {
    const { viewport } = viewer;
    const away = viewport.getCenter().distanceTo(viewport.getHomeBounds().getCenter());
    isWhole = Math.abs(viewport.getZoom() / viewport.getHomeZoom() - 1) < NEAR && away < NEAR && !turned();
  };
  const turned = (): boolean => viewer.viewport.getRotation() !== 0;
  viewer.addHandler("animation-finish", look);
  viewer.addHandler("resize", () => {
    isResized = true;
  });
  // Not before the viewer has done its own part of it.
  viewer.addHandler("update-viewport", () => {
    if (!isResized) return;
    isResized = false;
    if (isWhole) viewer.viewport.goHome(true);
  });
}
