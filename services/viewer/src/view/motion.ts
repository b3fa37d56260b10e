// How the picture moves.

/** Whether the user wants things to stay calm. */
export function isCalm(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Seconds that a move of the picture takes. */
export function animationTime(): number {
  return isCalm() ? 0 : 0.5;
}
