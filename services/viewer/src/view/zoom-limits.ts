// How far out one can zoom: to half the size at which the whole is seen, and at least to the scan's own pixels, which a small
// picture has to be shrunk to.

import type { Pane } from "./pane";

const PART_OF_WHOLE = 0.5;

export function limitZoom(pane: Pane): void {
  const { viewer } = pane;
  const set = (): void => {
    const { viewport } = viewer;
    const oneToOne = (viewport.getZoom(true) * pane.downsample) / window.devicePixelRatio;
    // An option of the viewport, which has no setter.
    Object.assign(viewport, { minZoomLevel: Math.min(viewport.getHomeZoom() * PART_OF_WHOLE, oneToOne) });
  };
  viewer.addHandler("open", set);
  viewer.addHandler("resize", set);
}
