// Whoever looks at the whole slide does so in a smaller pane, too. All other views keep their magnification.

import type OpenSeadragon from "openseadragon";

/** How far from home, in shares of the view, is still at home. */
const NEAR = 1e-3;

export function keepHome(viewer: OpenSeadragon.Viewer): void {
  const { viewport } = viewer;
  let width = viewport?.getContainerSize().x ?? 0;
  let height = viewport?.getContainerSize().y ?? 0;
  viewer.addHandler("open", () => {
    ({ x: width, y: height } = viewer.viewport.getContainerSize());
  });
  // Zoom and centre are still those of the old size.
  viewer.addHandler("resize", ({ newContainerSize }) => {
    const item = viewer.world.getItemAt(0);
    const size = item?.getContentSize();
    const wasHome = size !== undefined && isHome(viewer, size.y / size.x, width / height);
    ({ x: width, y: height } = newContainerSize);
    // OpenSeadragon moves once more, after all handlers.
    if (wasHome) queueMicrotask(() => viewer.viewport?.goHome(true));
  });
}

/** `tall`: the slide's height by its width; `wide`: the pane's width by its height. */
function isHome(viewer: OpenSeadragon.Viewer, tall: number, wide: number): boolean {
  const { viewport } = viewer;
  const center = viewport.getCenter();
  const zoom = 1 / Math.max(1, tall * wide);
  return (
    viewport.getRotation() % 360 === 0 &&
    Math.abs(viewport.getZoom() / zoom - 1) < NEAR &&
    Math.abs(center.x - 0.5) < NEAR &&
    Math.abs(center.y - tall / 2) < NEAR
  );
}
