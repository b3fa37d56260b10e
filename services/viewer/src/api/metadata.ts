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

/** A level that is stored, and how. */
export interface StoredLevel extends Level {
  /** As people write it: "JPEG", "JPEG 2000", "LZW". */
  compression: string;
  /** Whether its bytes reach the browser as they are stored. */
  passthrough: boolean;
}

export interface SlideMetadata {
  id: string;
  version: string;
  format: string;
  width: number;
  height: number;
  levels: StoredLevel[];
  /** Null for who may not see metadata: it may name a patient. */
  key: string | null;
  /** Power of the objective that it was scanned with. */
  objective: number | null;
  icc_profile: boolean;
  /** Those that may be seen. */
  associated_images: string[];
  properties: Record<string, string>;
  scanner: string | null;
  /** ISO 8601, as far as the file says. */
  acquired: string | null;
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
