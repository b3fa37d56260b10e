// Colours as the screen shows them.

/** RGBA, in place; alpha stays. */
export function adjust(pixels: Uint8ClampedArray, lut: Uint8Array): void {
  for (let at = 0; at < pixels.length; at += 4) {
    for (let channel = at; channel < at + 3; channel++) pixels[channel] = lut[pixels[channel] ?? 0] ?? 0;
  }
}
