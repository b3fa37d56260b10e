// A place on a slide (pixels of level 0) or on the screen (CSS pixels): which of them, a name or a sentence tells.

export interface Point {
  readonly x: number;
  readonly y: number;
}
