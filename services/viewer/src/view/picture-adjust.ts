// Brightness, contrast and gamma as a table from stored values to shown ones. Pure: the screen applies it by a filter, a copied
// image pixel by pixel.

/** How the picture is shown. */
export interface Adjustment {
  /** -100 (all black) to 100 (all white). */
  readonly brightness: number;
  /** -100 (a quarter of it) to 100 (four times). */
  readonly contrast: number;
  /** 0.25 to 4; more is lighter in between, black and white stay. */
  readonly gamma: number;
}

/** Colours as they are stored. */
export const NEUTRAL: Adjustment = Object.freeze({ brightness: 0, contrast: 0, gamma: 1 });

export function isNeutral(adjustment: Adjustment): boolean {
  return adjustment.brightness === 0 && adjustment.contrast === 0 && adjustment.gamma === 1;
}

/** Shown values for the stored values 0 to 255, the same for red, green and blue: gamma first, contrast around the middle next. */
export function lut(adjustment: Adjustment): Uint8Array {
  const factor = 2 ** (adjustment.contrast / 50);
  return Uint8Array.from({ length: 256 }, (_, stored) => {
    const curved = (stored / 255) ** (1 / adjustment.gamma);
    const shown = (curved - 0.5) * factor + 0.5 + adjustment.brightness / 100;
    return Math.round(Math.min(1, Math.max(0, shown)) * 255);
  });
}
