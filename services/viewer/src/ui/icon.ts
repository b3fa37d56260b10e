// Icons, drawn: not every machine has a font with such signs. Each is a path in a box of 24 by 24.

import { svgElement } from "./dom";

const PATHS = {
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  home: "M4 11l8-7 8 7M6 10v9h12v-9",
  "full-screen": "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  close: "M6 6l12 12M18 6L6 18",
  "turn-left": "M4 5v5h5M4.6 10a8 8 0 1 1-.4 4.5",
  "turn-right": "M20 5v5h-5M19.4 10a8 8 0 1 0 .4 4.5",
  flip: "M12 3v18M9 7v10H3zM15 7v10h6z",
  navigator: "M3 4h18v16H3zM12 8h6v5h-6z",
  picture: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
  info: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 11v6M12 7.2v.1",
  keys: "M2 6h20v12H2zM6 10h.1M10 10h.1M14 10h.1M18 10h.1M6 14h.1M9.5 14h5M18 14h.1",
  more: "M5 12h.1M12 12h.1M19 12h.1",
  back: "M4 5h6v6H4zM14 5h6v6h-6zM4 14h6v6H4zM14 14h6v6h-6z",
  "sign-out": "M10 4H5v16h5M9 12h11M16 8l4 4-4 4",
  pen: "M4 20l1-5L16 4l4 4L9 19zM13.5 6.5l4 4",
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGSVGElement {
  return svgElement(
    "svg",
    { viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" },
    svgElement("path", { d: PATHS[name] }),
  );
}
