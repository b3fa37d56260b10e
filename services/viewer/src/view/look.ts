// Where a pane looks at: what is needed to look there again, on this screen or another.

export interface Look {
  /** The middle of the pane, in pixels of level 0. */
  readonly x: number;
  readonly y: number;
  /** Pixels of level 0 (along x) that one CSS pixel shows. */
  readonly downsample: number;
  /** Degrees clockwise, before flipping: 0 to 360. */
  readonly rotation: number;
  /** Left and right changed places, once it is rotated. */
  readonly flipped: boolean;
}
