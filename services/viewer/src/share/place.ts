// What a page shows, as the fragment of its address: it never reaches a server or its log, and a signed query stays as it is.
//
//   #x=1200.5&y=900&z=4.2&r=30&flip=1&link=1&with=s-…&x=700&y=80&z=4.2&with=s-…&exp=…&vt=…
//
// x, y   the middle of the view, in pixels of level 0
// z      downsample: pixels of level 0 (along x) that one CSS pixel shows; so a larger screen shows more, as large
// r      degrees clockwise; 0 is left out
// flip   1: mirrored, once it is rotated
// with   the id of a slide beside the first; all pairs up to the next `with` are that slide's
// exp,vt a viewer token, where the page's own right is to the first slide alone
// link   1: the panes move together; what lies between their places is kept
//
// Whatever is unknown, broken or out of range is passed over: an old link, or half of one, still opens the slide. A view needs
// x, y and z; without them a slide is shown whole. Of a pair that comes twice the last counts.

import type { Look } from "../view/look";

/** A slide beside the first. */
export interface Beside {
  readonly id: string;
  /** Parameters that open its routes; none where the page's own right does. */
  readonly access: Readonly<Record<string, string>>;
  /** Null: not told. */
  readonly look: Look | null;
}

/** All that a page shows. */
export interface Scene {
  /** Of the first slide, which the address's path names. */
  readonly look: Look | null;
  readonly beside: readonly Beside[];
  readonly linked: boolean;
}

const MOST_BESIDE = 3;
/** S3's longest key, in characters that are one byte. */
const LONGEST_ID = 1024;
/** Pixels; no slide comes near it. */
const FARTHEST = 1e8;
const FINEST = 1e-3;
const COARSEST = 1e6;
const TOKEN = /^[\w.~-]{1,256}$/;
const TIME = /^\d{1,12}$/;

type Pairs = ReadonlyMap<string, string>;

/** Reads a fragment, with its `#` or without. Never throws. */
export function parseScene(fragment: string): Scene {
  const slides: { id: string; pairs: Map<string, string> }[] = [{ id: "", pairs: new Map() }];
  let linked = false;
  for (const [name, value] of pairsOf(fragment)) {
    if (name === "with") slides.push({ id: value, pairs: new Map() });
    else if (name === "link") linked = value === "1";
    else slides.at(-1)?.pairs.set(name, value);
  }
  const [first, ...others] = slides;
  const beside = others
    .filter(({ id }) => isId(id))
    .slice(0, MOST_BESIDE)
    .map(({ id, pairs }) => ({ id, access: accessOf(pairs), look: lookOf(pairs) }));
  return { look: lookOf(first?.pairs ?? new Map()), beside, linked: linked && beside.length > 0 };
}

/** The fragment, without `#`; empty where there is nothing to tell. */
export function formatScene(scene: Scene): string {
  const pairs = lookPairs(scene.look);
  if (scene.beside.length > 0 && scene.linked) pairs.push(["link", "1"]);
  for (const { id, access, look } of scene.beside) {
    pairs.push(["with", id], ...lookPairs(look), ...accessPairs(access));
  }
  return pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
}

/**
 * The address of a page that shows slides side by side, linked, each whole.
 *
 * @param first `link`: the address of the first one's page, with what opens it; a fragment of its own is replaced.
 * @param others ids, and the parameters that open each one's routes: none where the page's own right does.
 */
export function comparePath(
  first: { readonly link: string },
  others: readonly { readonly id: string; readonly access: Readonly<Record<string, string>> }[],
): string {
  const beside = others.slice(0, MOST_BESIDE).map(({ id, access }) => ({ id, access, look: null }));
  const fragment = formatScene({ look: null, beside, linked: true });
  const [page = ""] = first.link.split("#");
  return fragment === "" ? page : `${page}#${fragment}`;
}

/** `.` and `..` are no names in a path, however they are written: a URL with one leads elsewhere. */
function isId(text: string): boolean {
  return text.length <= LONGEST_ID && !["", ".", ".."].includes(text);
}

function pairsOf(fragment: string): [string, string][] {
  return fragment
    .replace(/^#/, "")
    .split("&")
    .flatMap((pair): [string, string][] => {
      const [name = "", ...rest] = pair.split("=");
      try {
        return [[name, decodeURIComponent(rest.join("="))]];
      } catch {
        return []; // an escape that was cut off
      }
    });
}

function lookOf(pairs: Pairs): Look | null {
  const x = numberOf(pairs, "x", -FARTHEST, FARTHEST);
  const y = numberOf(pairs, "y", -FARTHEST, FARTHEST);
  const downsample = numberOf(pairs, "z", FINEST, COARSEST);
  if (x === null || y === null || downsample === null) return null;
  const degrees = (numberOf(pairs, "r", -FARTHEST, FARTHEST) ?? 0) % 360;
  return { x, y, downsample, rotation: degrees < 0 ? degrees + 360 : degrees, flipped: pairs.get("flip") === "1" };
}

function numberOf(pairs: Pairs, name: string, least: number, most: number): number | null {
  const text = pairs.get(name) ?? "";
  const value = /^[-+]?[\d.]+(e[-+]?\d+)?$/i.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : null;
}

// A ten thousandth of a pixel of level 0 is less than any screen tells apart; reading what was written gives it again.
function lookPairs(look: Look | null): [string, string][] {
  if (look === null) return [];
  const rotation = Number(look.rotation.toFixed(4)) % 360;
  return [
    ["x", String(Number(look.x.toFixed(4)))],
    ["y", String(Number(look.y.toFixed(4)))],
    ["z", String(Number(look.downsample.toPrecision(10)))],
    ...(rotation === 0 ? [] : [["r", String(rotation)] as [string, string]]),
    ...(look.flipped ? [["flip", "1"] as [string, string]] : []),
  ];
}

function accessOf(pairs: Pairs): Record<string, string> {
  const [exp, vt] = [pairs.get("exp") ?? "", pairs.get("vt") ?? ""];
  return TIME.test(exp) && TOKEN.test(vt) ? { exp, vt } : {};
}

function accessPairs({ exp, vt }: Readonly<Record<string, string>>): [string, string][] {
  return exp === undefined || vt === undefined
    ? []
    : [
        ["exp", exp],
        ["vt", vt],
      ];
}
