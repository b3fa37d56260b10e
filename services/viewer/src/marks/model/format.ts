// Measures as people read them.

import { numberFormat } from "../../words/number-format";
import { words } from "../words";
import type { Measures } from "./measure";

function digits(value: number, least: number, most = least): string {
  return numberFormat({ minimumFractionDigits: least, maximumFractionDigits: most }).format(value);
}

/** 12.3 µm; 1.234 mm from 1000 µm on; 345.6 px where `isMetric` is false. */
export function lengthText(value: number, isMetric: boolean): string {
  if (!isMetric) return `${digits(value, 1)} px`;
  // what rounds to 1000.0 µm is written as 1.000 mm
  return value < 999.95 ? `${digits(value, value < 10 ? 2 : 1)} µm` : `${digits(value / 1000, 3)} mm`;
}

/** 345.6 µm²; mm² from 0.1 mm² on; px² where `isMetric` is false. */
export function areaText(value: number, isMetric: boolean): string {
  if (!isMetric) return `${digits(value, 0)} px²`;
  if (value >= 1e5) return `${digits(value / 1e6, 2, value < 1e6 ? 3 : 2)} mm²`;
  return `${digits(value, value < 1e4 ? 1 : 0)} µm²`;
}

function angleText(degrees: number): string {
  return `${digits(degrees, 1)}°`;
}

/** The one that stands beside a mark; empty where it has none. */
export function measureText(measures: Measures): string {
  if (measures.angle !== undefined) return angleText(measures.angle);
  if (measures.isCrossing === true) return words.crossing;
  if (measures.area !== undefined) return areaText(measures.area, measures.isMetric);
  if (measures.length !== undefined) return lengthText(measures.length, measures.isMetric);
  return "";
}
