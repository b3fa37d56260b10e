// A bar of a round length in µm or mm.

export interface ScaleBar {
  label: string;
  pixels: number;
}

/** The longest of 1, 2, 5 × 10ⁿ µm that is at most `maxPixels` wide on screen. */
export function scaleBar(micronsPerScreenPixel: number, maxPixels: number): ScaleBar {
  const longest = micronsPerScreenPixel * maxPixels;
  const power = 10 ** Math.floor(Math.log10(longest));
  const microns = [5, 2, 1].map((digit) => digit * power).find((length) => length <= longest) ?? power;
  const label = microns >= 1000 ? `${microns / 1000} mm` : `${Number(microns.toPrecision(1))} µm`;
  return { label, pixels: microns / micronsPerScreenPixel };
}
