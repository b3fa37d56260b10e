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
  pointer: "M6 3l12 9-5.5 1.2L16 19l-2.6 1.4-3.3-6L6 18z",
  distance: "M4 20L20 4M4 20l-1.5-4M4 20l4 1.5M20 4l1.5 4M20 4l-4-1.5",
  area: "M4 18L7 5l12 3-2 11zM9 15l6-6M8.5 11l2-2",
  angle: "M20 19H4L16 5M12 19a8 8 0 0 0-2.5-6.3",
  point: "M12 21c-4-5-6-8-6-11a6 6 0 0 1 12 0c0 3-2 6-6 11zM12 9.5v.1",
  line: "M5 19L19 5",
  rectangle: "M4 6h16v12H4z",
  ellipse: "M3 12a9 6 0 1 0 18 0a9 6 0 1 0-18 0",
  polygon: "M12 3l9 7-4 10H7L3 10z",
  freehand: "M3 16c3-9 6-12 8-9s-3 9 0 10 4-6 6-6 1 5 4 4",
  text: "M5 7V5h14v2M12 5v14M9 19h6",
  list: "M9 6h11M9 12h11M9 18h11M4.5 6v.1M4.5 12v.1M4.5 18v.1",
  folders: "M3 6h6l2 2h10v11H3z",
  grid: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h6v6h-6z",
  table: "M4 6h16M4 12h16M4 18h16",
  next: "M9 5l7 7-7 7",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20 20",
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGSVGElement {
  return svgElement(
    "svg",
    { viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" },
    svgElement("path", { d: PATHS[name] }),
  );
}
