// What is known of a slide, as people write it. Pure.

import type { SlideMetadata, StoredLevel } from "../api/metadata";
import { words } from "./words";

export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** The slide's own facts, in the order in which they are read; what is unknown is said to be, where that matters. */
export function slideFacts(slide: SlideMetadata, name: string, language: string): Fact[] {
  const { mpp, objective, width, height } = slide;
  const number = (value: number, digits = 0): string =>
    value.toLocaleString(language, { minimumFractionDigits: 0, maximumFractionDigits: digits });
  const facts: (readonly [string, string | null])[] = [
    [words.name, name],
    [words.format, slide.format],
    [words.dimensions, `${number(width)} × ${number(height)} px`],
    [words.size, mpp === null ? null : sizeInMillimetres(slide, number)],
    [words.pixelSize, mpp === null ? words.unknown : pixelSize(mpp)],
    [words.objective, objective === null ? words.unknown : `${number(objective, 2)}x`],
    [words.scanner, slide.scanner],
    [words.acquired, slide.acquired === null ? null : acquiredText(slide.acquired, language)],
    [words.colourProfile, slide.icc_profile ? words.profileIncluded : words.profileNone],
  ];
  return facts.flatMap(([title, value]) => (value === null ? [] : [{ name: title, value }]));
}

function sizeInMillimetres(slide: SlideMetadata, number: (value: number, digits: number) => string): string | null {
  if (slide.mpp === null) return null;
  const [across, down] = [(slide.width * slide.mpp.x) / 1000, (slide.height * slide.mpp.y) / 1000];
  return `${number(across, 2)} × ${number(down, 2)} mm`;
}

/** Once where pixels are square, as far as anyone can tell. */
function pixelSize({ x, y }: { x: number; y: number }): string {
  const [across, down] = [Number(x.toPrecision(4)), Number(y.toPrecision(4))];
  return across === down ? `${across} µm` : `${across} × ${down} µm`;
}

const MOMENT = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * A date, perhaps with a time, in the order of the language. The clock stays the scanner's: it is not moved to the reader's
 * time zone, which would make another day of some. What is no ISO 8601 is left as it is.
 */
export function acquiredText(acquired: string, language: string): string {
  const [, day, clock, zone] = MOMENT.exec(acquired) ?? [];
  const moment = new Date(`${day}T${clock ?? "00:00"}Z`);
  if (day === undefined || Number.isNaN(moment.getTime())) return acquired;
  const text = new Intl.DateTimeFormat(language, {
    dateStyle: "long",
    ...(clock === undefined ? {} : { timeStyle: "short" }),
    timeZone: "UTC",
  }).format(moment);
  return zone === undefined ? text : `${text} (UTC${zone === "Z" ? "" : zone})`;
}

export interface Column {
  readonly title: string;
  /** One a level. */
  readonly values: readonly string[];
}

/** The pyramid as a table; how tiles are stored is a fact of all levels where they agree, as most do. */
export function pyramidTable(levels: readonly StoredLevel[], language: string): { columns: Column[]; common: Fact[] } {
  const number = (value: number): string => value.toLocaleString(language, { maximumFractionDigits: 2 });
  const column = (title: string, text: (level: StoredLevel) => string): Column => ({ title, values: levels.map(text) });
  const stored = [
    column(words.tile, (level) => `${level.tile_width} × ${level.tile_height}`),
    column(words.compression, ({ compression }) => (compression === "none" ? words.compressionNone : compression)),
  ];
  const agree = ({ values }: Column): boolean => values.every((value) => value === values[0]);
  return {
    columns: [
      column(words.level, ({ level }) => String(level)),
      column(words.pixels, ({ width, height }) => `${number(width)} × ${number(height)}`),
      column(words.downsample, ({ downsample }) => number(downsample)),
      column(words.tiles, (level) => number(level.tiles_x * level.tiles_y)),
      ...stored.filter((one) => !agree(one)),
    ],
    common: stored.filter(agree).map(({ title, values }) => ({ name: title, value: values[0] ?? "" })),
  };
}

/** Properties whose name or value holds what is looked for, by name. */
export function matching(properties: Readonly<Record<string, string>>, sought: string): Fact[] {
  const wanted = sought.trim().toLowerCase();
  return Object.entries(properties)
    .map(([name, value]) => ({ name, value }))
    .filter(({ name, value }) => `${name}\n${value}`.toLowerCase().includes(wanted))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
