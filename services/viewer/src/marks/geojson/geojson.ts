// Names in the GeoJSON files that QuPath (0.4 on) writes and reads.
// Source: QuPath's type adapters (qupath.lib.io, 0.5) and RFC 7946. Coordinates are pixels of level 0.

/** Strings that QuPath keeps with an object and writes again: what no geometry tells stands there. */
export const META = {
  kind: "wsi-streamer.kind",
  /** The ring was turned round for the file. */
  turned: "wsi-streamer.turned",
  created: "wsi-streamer.created",
  changed: "wsi-streamer.changed",
  /** Of an object with several parts, the numbers of those that it still has. */
  parts: "wsi-streamer.parts",
  /** QuPath's own, of a description. */
  note: "ANNOTATION_DESCRIPTION",
} as const;

export type Position = readonly [number, number];

export type Geometry =
  | { readonly type: "Point"; readonly coordinates: Position }
  | { readonly type: "LineString"; readonly coordinates: readonly Position[] }
  | {
      readonly type: "Polygon";
      readonly coordinates: readonly (readonly Position[])[];
      /** QuPath's own: the ellipse that fills the polygon's box is meant. */
      readonly isEllipse?: true;
    }
  | { readonly type: "MultiPoint"; readonly coordinates: readonly Position[] }
  | { readonly type: "MultiLineString"; readonly coordinates: readonly (readonly Position[])[] }
  | { readonly type: "MultiPolygon"; readonly coordinates: readonly (readonly (readonly Position[])[])[] };

export interface Feature {
  readonly type: "Feature";
  readonly id: string;
  readonly geometry: Geometry;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface FeatureCollection {
  readonly type: "FeatureCollection";
  readonly features: readonly Feature[];
}
