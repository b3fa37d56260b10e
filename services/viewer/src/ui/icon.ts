// Icons, drawn: not every machine has a font with such signs. Each is a path in a box of 24 by 24.

import { svgElement } from "./dom";

const PATHS = {
  compare: "M4 5h7v14H4zM13 5h7v14h-7z",
  link: "M10 14l4-4M9 11l-3 3a2.8 2.8 0 0 0 4 4l3-3M15 13l3-3a2.8 2.8 0 0 0-4-4l-3 3",
  align: "M12 3v18M3 12h18M7 7l-3 5 3 5M17 7l3 5-3 5",
  check: "M5 12l5 5 9-10",
  share: "M12 15V4M8 7l4-4 4 4M6 11H5v9h14v-9h-1",
  save: "M12 4v11M8 11l4 4 4-4M5 19h14",
  camera: "M4 8h4l2-3h4l2 3h4v11H4zM12 16.5a3.5 3.5 0 1 0 0-7a3.5 3.5 0 0 0 0 7",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  home: "M4 11l8-7 8 7M6 10v9h12v-9",
  "full-screen": "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  close: "M6 6l12 12M18 6L6 18",
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGSVGElement {
  return svgElement(
    "svg",
    { viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" },
    svgElement("path", { d: PATHS[name] }),
  );
}
