// What pathologists call a magnification, for a screen: an objective of M shows 10 / M µm a device pixel, as scanners count
// (40x is 0.25 µm a pixel). Pure arithmetic.

/** What a slide tells of its scale. */
export interface SlideScale {
  /** µm a pixel of level 0, along x; null where unknown. */
  readonly mpp: number | null;
  /** Power of the objective it was scanned with; null where unknown. */
  readonly objective: number | null;
}

/** One of the steps that a key or the menu leads to. */
export interface Preset {
  /** "20x", or "50%" where nothing tells how large the slide is. */
  readonly label: string;
  /** Pixels of level 0 a device pixel. */
  readonly density: number;
}

const POWERS = [1, 2, 5, 10, 20, 40] as const;
const PERCENTAGES = [5, 10, 25, 50, 100, 200] as const;
const MICRONS_AT_POWER_ONE = 10;

/** The magnification at which a pixel of level 0 is a device pixel; null where neither pixel size nor objective is known. */
export function scannedPower(scale: SlideScale): number | null {
  if (scale.mpp !== null && scale.mpp > 0) return MICRONS_AT_POWER_ONE / scale.mpp;
  return scale.objective !== null && scale.objective > 0 ? scale.objective : null;
}

/** The steps for a slide, from far to near. */
export function presets(scale: SlideScale): Preset[] {
  const scanned = scannedPower(scale);
  if (scanned === null) return PERCENTAGES.map((part) => ({ label: `${part}%`, density: 100 / part }));
  return POWERS.map((power) => ({ label: `${power}x`, density: scanned / power }));
}

/** How the present magnification is written: "20.0x", "1.25x", "33%". `density` as in `Preset`. */
export function magnificationLabel(scale: SlideScale, density: number): string {
  const scanned = scannedPower(scale);
  if (scanned === null) return `${rounded(100 / density, 0)}%`;
  const power = scanned / density;
  return `${rounded(power, power < 2 ? 2 : power < 100 ? 1 : 0)}x`;
}

function rounded(value: number, digits: number): string {
  return value.toFixed(value < 1 && digits === 0 ? 1 : digits);
}

/** Whether pixels of the scan are drawn larger than the screen's: nothing more is to be seen. A rounding's worth is none. */
export function isBeyondScan(density: number): boolean {
  return density < 0.98;
}

/** Whether two densities are the same for people. */
export function isSame(density: number, other: number): boolean {
  return Math.abs(density / other - 1) < 0.001;
}
