// What GET /slides/{id} tells, and what the page says of itself.

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
  /** Null for who is not to know names. */
  key: string | null;
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
  /** Null while the slide is not indexed: asking for it indexes it. */
  metadata: SlideMetadata | null;
  /** Whether there is a list of slides that whoever looks at this may see. */
  has_list: boolean;
  /** Who is signed in. */
  user: string | null;
}

export function readPageData(): PageData {
  const island = document.getElementById("slide");
  if (island?.textContent == null) throw new Error("The page holds no slide.");
  return JSON.parse(island.textContent) as PageData;
}

/** A path with parameters; those the path has already stay. */
export function withParams(path: string, params: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(params).toString();
  if (query === "") return path;
  return path + (path.includes("?") ? "&" : "?") + query;
}
