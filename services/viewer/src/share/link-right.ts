// Who can open a link to this page, as far as the page knows.

import type { Scene } from "./place";

export interface LinkRight {
  /** Unix seconds until which the link opens the slide for anyone; null: it gives no right of its own. */
  readonly until: number | null;
}

/**
 * @param query of the page's address.
 * @param scene whose slides beside the first may carry tokens; what lasts longest counts.
 */
export function linkRight(query: string, scene: Scene): LinkRight {
  const params = new URLSearchParams(query);
  const times = scene.beside.map(({ access }) => access["exp"]);
  if (params.has("sig") || params.has("vt")) times.push(params.get("exp") ?? undefined);
  const ends = times.map(Number).filter((time) => Number.isFinite(time) && time > 0);
  return { until: ends.length > 0 ? Math.max(...ends) : null };
}
