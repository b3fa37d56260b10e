// How keys are written for people.

const SIGNS: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  Delete: "Del",
  " ": "␣",
};

/** A key as it is printed on a keyboard; a large letter is one with shift. */
export function keyName(key: string): string {
  const sign = SIGNS[key];
  if (sign !== undefined) return sign;
  if (key.length > 1) return key;
  const large = key.toUpperCase();
  return key === large && large !== key.toLowerCase() ? `⇧ ${large}` : large;
}
