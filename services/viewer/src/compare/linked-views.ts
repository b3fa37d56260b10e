// How one pane follows another: the same place in µm, the same magnification, the same turn, but for an offset that is kept.
//
// A slide's pixels are brought to a common unit: µm where every slide tells them. One that does not is taken to be as wide as
// the first that does; where none does, as wide as all others. So the panes never disagree, whichever leads.

import type { Look } from "../view/look";
import type { Point } from "../view/point";

/** Of one slide. */
export interface Extent {
  /** Pixels of level 0. */
  readonly width: number;
  readonly height: number;
  /** µm; null where unknown. */
  readonly mpp: Point | null;
}

/** How large a pixel of level 0 is, in the common unit. */
export type PixelSize = Point;

/** What lies between two panes while they are linked. */
export interface Offset {
  /** These two places belong together, in pixels of level 0 of the one and of the other. */
  readonly from: Point;
  readonly to: Point;
  /** The vector between places of the one, as one of the other (rows of a matrix, in the common unit): no scale, only a turn or a mirror. */
  readonly turn: readonly [number, number, number, number];
  /** By how much the other is magnified less. */
  readonly zoom: number;
  /** Degrees: rotation of the other = `rotation` + `sense` × rotation of the one. */
  readonly rotation: number;
  /** -1: one of them is mirrored, and turns the other way. */
  readonly sense: 1 | -1;
}

/** The sizes of pixels in the common unit, in the same order. */
export function pixelSizes(slides: readonly Extent[]): PixelSize[] {
  const known = slides.find(({ mpp }) => mpp !== null);
  const width = known?.mpp == null ? 1 : known.width * known.mpp.x;
  return slides.map((slide) => slide.mpp ?? { x: width / slide.width, y: width / slide.width });
}

/** What lies between two panes as they look now. */
export function offsetBetween(one: Look, oneSize: PixelSize, other: Look, otherSize: PixelSize): Offset {
  const sense = one.flipped === other.flipped ? 1 : -1;
  return {
    from: { x: one.x, y: one.y },
    to: { x: other.x, y: other.y },
    turn: turnOf(one.rotation, other.rotation, sense),
    zoom: (other.downsample * otherSize.x) / (one.downsample * oneSize.x),
    rotation: other.rotation - sense * one.rotation,
    sense,
  };
}

/** Where the other has to look when the one looks so; whether it is mirrored is its own affair. */
export function follow(one: Look, oneSize: PixelSize, offset: Offset, otherSize: PixelSize, flipped: boolean): Look {
  return {
    ...placeOf(one, oneSize, offset, otherSize),
    downsample: (one.downsample * oneSize.x * offset.zoom) / otherSize.x,
    rotation: modulo(offset.rotation + offset.sense * one.rotation),
    flipped,
  };
}

/** The place on the other slide that belongs to a place on the one. */
export function placeOf(place: Point, oneSize: PixelSize, offset: Offset, otherSize: PixelSize): Point {
  const x = (place.x - offset.from.x) * oneSize.x;
  const y = (place.y - offset.from.y) * oneSize.y;
  const [a, b, c, d] = offset.turn;
  return { x: offset.to.x + (a * x + b * y) / otherSize.x, y: offset.to.y + (c * x + d * y) / otherSize.y };
}

/** The other as it looks without any offset: as large, as turned, and at the same part of its slide. */
export function aligned(one: Look, oneSlide: Extent, oneSize: PixelSize, other: Beside): Look {
  const sense = one.flipped === other.flipped ? 1 : -1;
  return {
    x: (one.x / oneSlide.width) * other.slide.width,
    y: (one.y / oneSlide.height) * other.slide.height,
    downsample: (one.downsample * oneSize.x) / other.size.x,
    rotation: modulo(sense * one.rotation),
    flipped: other.flipped,
  };
}

interface Beside {
  readonly slide: Extent;
  readonly size: PixelSize;
  readonly flipped: boolean;
}

// On the screen a vector v is F·R(rotation)·v, where F mirrors x, or does nothing. Both panes are to move alike there:
// F'·R(r')·w = F·R(r)·v, so w = R(-r')·F'·F·R(r)·v, and F'·F is nothing (sense 1) or one mirror (-1).
function turnOf(one: number, other: number, sense: 1 | -1): Offset["turn"] {
  if (sense === 1) {
    const [cos, sin] = cosSin(one - other);
    return [cos, -sin, sin, cos];
  }
  // F·R(r) = R(-r)·F
  const [cos, sin] = cosSin(-one - other);
  return [-cos, -sin, -sin, cos];
}

function cosSin(degrees: number): [number, number] {
  const radians = (degrees * Math.PI) / 180;
  return [Math.cos(radians), Math.sin(radians)];
}

function modulo(degrees: number): number {
  return ((degrees % 360) + 360) % 360;
}
