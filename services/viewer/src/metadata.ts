// What GET /slides/{id} tells.

export interface Level {
  level: number;
  width: number;
  height: number;
  tile_width: number;
  tile_height: number;
  tiles_x: number;
  tiles_y: number;
  downsample: number;
}

export interface SlideMetadata {
  id: string;
  version: string;
  format: string;
  width: number;
  height: number;
  levels: Level[];
  mpp: { x: number; y: number } | null;
  tile_url: string;
}

/** What the server put into the page. */
export interface PageData {
  id: string;
  name: string;
  /** Parameters that open this slide's routes; none while access is open. */
  access: Record<string, string>;
}

export function readPageData(): PageData {
  const island = document.getElementById("slide");
  if (island?.textContent == null) throw new Error("The page holds no slide.");
  return JSON.parse(island.textContent) as PageData;
}

/** A path with parameters; those the path has already stay. */
export function withParams(path: string, params: Record<string, string>): string {
  const query = new URLSearchParams(params).toString();
  if (query === "") return path;
  return path + (path.includes("?") ? "&" : "?") + query;
}

export class SlideError extends Error {
  readonly retryAfter: number | null;

  constructor(message: string, retryAfter: number | null) {
    super(message);
    this.retryAfter = retryAfter;
  }
}

export async function fetchMetadata(page: PageData): Promise<SlideMetadata> {
  const response = await fetch(withParams(`/slides/${encodeURIComponent(page.id)}`, page.access));
  if (response.ok) return (await response.json()) as SlideMetadata;
  const body = (await response.json().catch(() => null)) as { message?: string } | null;
  const retry = response.status === 503 ? Number(response.headers.get("retry-after") ?? "2") : null;
  throw new SlideError(body?.message ?? `The server answers ${response.status}.`, retry);
}
