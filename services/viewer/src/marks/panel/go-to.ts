// Where marks are on the slide, and going there.

import type { Pane } from "../../view/pane";
import { boxOf, touches } from "../geometry/geometry";
import type { Mark } from "../model/mark";

/** A mark takes this share of the view. */
const SHARE = 0.5;
/** A point is shown at this many pixels of level 0 a CSS pixel, or as large as it is now. */
const POINT_DOWNSAMPLE = 1;

/** Shows all of a mark, in the middle. */
export function goTo(pane: Pane, mark: Mark): void {
  const { viewport } = pane.viewer;
  const { left, top, right, bottom } = boxOf(mark.points);
  const [width, height] = [pane.element.clientWidth, pane.element.clientHeight];
  const corners = [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ].map((corner) => pane.toScreen(corner));
  const onScreen = boxOf(corners);
  const middle = pane.toScreen({ x: (left + right) / 2, y: (top + bottom) / 2 });
  const flip = viewport.getFlip() ? -1 : 1;
  const by = viewport.getCenter(true).minus(viewport.getCenter(true)); // a point of the library's own, at 0
  by.x = flip * (middle.x - width / 2);
  by.y = middle.y - height / 2;
  viewport.panTo(viewport.getCenter(true).plus(viewport.deltaPointsFromPixels(by, true)));
  const size = Math.max((onScreen.right - onScreen.left) / width, (onScreen.bottom - onScreen.top) / height);
  const grow = size < 0.001 ? Math.max(1, pane.downsample / POINT_DOWNSAMPLE) : SHARE / size;
  viewport.zoomTo(viewport.getZoom(true) * grow);
  viewport.applyConstraints();
}

/** Whether no part of it is on the slide. */
export function isOutsideSlide(pane: Pane, mark: Mark): boolean {
  const { width, height } = pane.slide.metadata;
  return !touches(boxOf(mark.points), { left: 0, top: 0, right: width, bottom: height });
}
