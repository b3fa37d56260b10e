// Where the cards of the grid and the lines of the table are. Pure arithmetic, in CSS pixels.

export type ViewKind = "grid" | "table";

export interface Layout {
  readonly columns: number;
  readonly width: number;
  readonly height: number;
  readonly gap: number;
  /** Around everything. */
  readonly padding: number;
}

/** Items from `from` up to, but without, `to`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

const NARROWEST_CARD = 13.5;
const NARROWEST_ON_PHONES = 9;
/** Below a card's picture: rows that name, folder, facts and badges share, and what lies between and around them; as in cards.css. A narrow
 * card needs one more. */
const CARD_TEXT = 5 * 1.25 + 0.3 + 1.25 + 0.15;
const CARD_TEXT_ON_PHONES = 6 * 1.25 + 0.3 + 1 + 0.15;
/** The list's own width, not the screen's; the stylesheets ask for it by the container `slides`. */
const PHONE = 640;

/** `space` is what is free from left to right, `rem` the page's size of text. */
export function layoutOf(kind: ViewKind, space: number, rem: number): Layout {
  const isPhone = space < PHONE;
  if (kind === "table") {
    return { columns: 1, width: space, height: Math.round((isPhone ? 4.6 : 3.5) * rem), gap: 0, padding: 0 };
  }
  const gap = isPhone ? 8 : 14;
  const padding = isPhone ? 8 : 16;
  const free = Math.max(0, space - 2 * padding);
  const narrowest = (isPhone ? NARROWEST_ON_PHONES : NARROWEST_CARD) * rem;
  const columns = Math.max(1, Math.floor((free + gap) / (narrowest + gap)));
  const width = Math.floor((free - (columns - 1) * gap) / columns);
  const text = isPhone ? CARD_TEXT_ON_PHONES : CARD_TEXT;
  return { columns, width, height: Math.round(width * 0.75 + text * rem), gap, padding };
}

export function totalHeight(layout: Layout, count: number): number {
  const rows = Math.ceil(count / layout.columns);
  return rows === 0 ? 0 : rows * (layout.height + layout.gap) - layout.gap + 2 * layout.padding;
}

export function placeOf(layout: Layout, index: number): { x: number; y: number } {
  const row = Math.floor(index / layout.columns);
  const column = index % layout.columns;
  return {
    x: layout.padding + column * (layout.width + layout.gap),
    y: layout.padding + row * (layout.height + layout.gap),
  };
}

/** The items whose rows are on screen, or less than `beyond` pixels off. */
export function rangeOn(layout: Layout, count: number, top: number, screen: number, beyond = 0): Range {
  const step = layout.height + layout.gap;
  const first = Math.floor((top - beyond - layout.padding) / step);
  const last = Math.floor((top + screen + beyond - layout.padding) / step);
  const clamp = (row: number): number => Math.min(count, Math.max(0, row * layout.columns));
  return { from: clamp(first), to: clamp(last + 1) };
}

/** How far to scroll, from `top`, that an item is on screen as a whole: no further than needed. */
export function scrollTo(layout: Layout, index: number, top: number, screen: number): number {
  const { y } = placeOf(layout, index);
  const margin = layout.padding;
  if (y - margin < top) return Math.max(0, y - margin);
  return Math.max(top, y + layout.height + margin - screen);
}

/** Where an arrow key leads from an item; null: another key. */
export function step(key: string, index: number, count: number, columns: number): number | null {
  const steps: Record<string, number> = {
    ArrowRight: index + 1,
    ArrowLeft: index - 1,
    ArrowDown: index + columns,
    ArrowUp: index - columns,
    Home: 0,
    End: count - 1,
  };
  const to = steps[key];
  if (to === undefined || count === 0) return null;
  if (to < 0) return key === "ArrowUp" ? index : 0;
  return to >= count && key === "ArrowDown" && index < count - 1 ? count - 1 : Math.min(to, count - 1);
}
