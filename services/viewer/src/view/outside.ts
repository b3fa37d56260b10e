// A pane whose view has left its slide is white, as a slide's own ground is: it says so, and leads back.

import { element } from "../ui/dom";
import type { Pane } from "./pane";
import type { Point } from "./point";
import { words } from "./words";

export interface Extent {
  readonly width: number;
  readonly height: number;
}

/**
 * Whether no part of a slide is in view: two boxes, turned to each other, that one's own edges can be drawn between.
 *
 * @param view of the pane, in CSS pixels; `slide` in pixels of level 0; the functions lead from the one to the other.
 */
export function isOutside(
  view: Extent,
  slide: Extent,
  toSlide: (place: Point) => Point,
  toScreen: (place: Point) => Point,
): boolean {
  return isApart(corners(view).map(toSlide), slide) || isApart(corners(slide).map(toScreen), view);
}

/** The place in the slide that is nearest, in pixels of level 0. */
export function nearest(place: Point, slide: Extent): Point {
  return { x: clamped(place.x, slide.width), y: clamped(place.y, slide.height) };
}

/** To be called for each pane as it comes. */
export function tellOutside(pane: Pane): void {
  const show = element("button", { type: "button" }, words.showSlide);
  const text = element("p", {}, words.outside);
  const said = element("div", { class: "outside", role: "status", hidden: true }, text, show);
  const { metadata } = pane.slide;
  // Those that are linked go along: what lies between them is kept.
  show.addEventListener("click", () => {
    const look = pane.look();
    pane.lookAt({ ...look, ...nearest(look, metadata) }, true);
    pane.viewer.canvas.focus({ preventScroll: true }); // the button is gone
  });
  pane.layer.append(said);
  pane.moved.on(() => {
    if (!pane.isOpen) return;
    const isAway = isOutside(
      pane.size,
      metadata,
      (place) => pane.toSlide(place),
      (place) => pane.toScreen(place),
    );
    if (said.hidden === isAway) said.hidden = !isAway;
  });
}

function corners({ width, height }: Extent): Point[] {
  return [
    { x: 0, y: 0 },
    { x: width, y: 0 },
    { x: 0, y: height },
    { x: width, y: height },
  ];
}

function isApart(places: readonly Point[], { width, height }: Extent): boolean {
  return (
    places.every(({ x }) => x <= 0) ||
    places.every(({ x }) => x >= width) ||
    places.every(({ y }) => y <= 0) ||
    places.every(({ y }) => y >= height)
  );
}

function clamped(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}
