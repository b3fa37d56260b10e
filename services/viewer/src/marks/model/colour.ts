// Colours of marks.

/** The edge that makes a line of that colour seen on a ground of any: white around dark colours, dark around light ones. */
export function edgeOf(colour: string): string {
  const [red, green, blue] = rgb(colour);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 140 ? "#1a1d20" : "#ffffff";
}

/** 0 to 255 each, of #rrggbb. */
export function rgb(colour: string): [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

export function hex(red: number, green: number, blue: number): string {
  return `#${[red, green, blue].map((part) => (part & 255).toString(16).padStart(2, "0")).join("")}`;
}
