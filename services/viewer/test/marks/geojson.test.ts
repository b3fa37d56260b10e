import { describe, expect, it } from "vitest";

import { skippedText } from "../../src/marks/geojson/files";
import { ImportError, MOST_MARKS, readGeoJson } from "../../src/marks/geojson/geojson-read";
import { toGeoJson } from "../../src/marks/geojson/geojson-write";
import { signedArea } from "../../src/marks/geometry/geometry";
import { type Kind, type Mark, newMark } from "../../src/marks/model/mark";
import type { Point } from "../../src/view/point";

const NOW = 1_760_000_000_123;
const TRIANGLE = [
  { x: 0.1, y: 0.2 },
  { x: 100.3, y: 0.7 },
  { x: 50.123456789, y: 99.9 },
];

function mark(kind: Kind, points: Mark["points"], more: Partial<Mark> = {}): Mark {
  return { ...newMark(kind, points, "#1c5bd8", NOW), ...more };
}

const ALL: readonly Mark[] = [
  mark("point", [{ x: 1 / 3, y: 2 }]),
  mark("text", [{ x: 5, y: 2 }], { label: '<img src=x onerror="alert(1)">' }),
  mark("line", TRIANGLE.slice(0, 2)),
  mark("distance", TRIANGLE.slice(0, 2), { note: "two\nlines" }),
  mark("angle", TRIANGLE),
  mark("rectangle", TRIANGLE.slice(0, 2)),
  mark("ellipse", [
    { x: 1 / 3, y: 1 / 7 },
    { x: 1e5 / 3, y: 1e5 / 7 },
  ]),
  mark("polygon", TRIANGLE, { classification: "Tumor", isLocked: true, changed: NOW + 5 }),
  mark("area", [...TRIANGLE].reverse()),
  mark("freehand", TRIANGLE),
  mark("freehand", [...TRIANGLE, { x: 7, y: 7 }, { x: 0.1, y: 0.2 }]),
  mark("freehand", [...TRIANGLE, { x: 7, y: 7 }, { x: 0.1, y: 0.2 }].reverse()),
  mark("polygon", TRIANGLE, { holes: [TRIANGLE.map(({ x, y }) => ({ x: 20 + x / 10, y: 20 + y / 10 })).reverse()] }),
];

function read(value: unknown): readonly Mark[] {
  return readGeoJson(JSON.stringify(value), NOW).marks;
}

function problemOf(text: string): unknown {
  try {
    readGeoJson(text, NOW);
  } catch (error) {
    if (error instanceof ImportError) return error.problem;
    throw error;
  }
  return null;
}

function feature(geometry: unknown, properties: unknown = {}, id: unknown = undefined): unknown {
  return { type: "Feature", id, geometry, properties };
}

describe("a file of this program", () => {
  it.each(ALL.map((one) => [one.kind, one] as const))("brings a %s back to the last digit", (_, one) => {
    expect(read(toGeoJson([one], { x: 0.25, y: 0.26 }))).toEqual([one]);
  });

  it("has what QuPath reads: closed rings that turn one way, no null, no NaN, ids that are UUIDs", () => {
    const file = toGeoJson(ALL, { x: 0.5, y: 0.5 });
    expect(JSON.stringify(file)).not.toMatch(/null|NaN/);
    for (const { geometry, id, properties } of file.features) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(properties["objectType"]).toBe("annotation");
      expect(properties["color"]).toEqual([28, 91, 216]);
      if (geometry.type !== "Polygon") continue;
      geometry.coordinates.forEach((ring, i) => {
        expect(ring[0]).toEqual(ring.at(-1));
        expect(Math.sign(signedArea(ring.map(([x, y]) => ({ x, y }))))).toBe(i === 0 ? 1 : -1);
      });
    }
    const polygon = file.features[7];
    expect(polygon?.properties["classification"]).toEqual({ name: "Tumor", color: [28, 91, 216] });
    expect(polygon?.properties["isLocked"]).toBe(true);
    expect(Object.keys(polygon?.properties["measurements"] as object)).toEqual(["Area µm^2", "Perimeter µm"]);
    const ellipse = file.features[6]?.geometry;
    expect(ellipse?.type === "Polygon" && ellipse.isEllipse).toBe(true);
  });

  it("has an outline that crosses itself as it was drawn, and no area of it", () => {
    const [a, b, c] = TRIANGLE as [Point, Point, Point];
    const tie = mark("area", [a, b, { x: a.x, y: c.y }, { x: b.x, y: c.y }]);
    const file = toGeoJson([tie], { x: 0.5, y: 0.5 });
    expect(Object.keys(file.features[0]?.properties["measurements"] as object)).toEqual(["Perimeter µm"]);
    expect(read(file)).toEqual([tie]);
  });

  it("says px where there is no scale", () => {
    const [line] = toGeoJson([mark("distance", TRIANGLE.slice(0, 2))], null).features;
    expect(Object.keys(line?.properties["measurements"] as object)).toEqual(["Length px"]);
  });
});

describe("files of others", () => {
  const ring = [
    [0, 0],
    [10, 0],
    [10, 5],
    [0, 5],
    [0, 0],
  ];

  it("may be a collection, a list, one object or a geometry alone", () => {
    const point = feature({ type: "Point", coordinates: [3, 4, 0] });
    for (const file of [
      { type: "FeatureCollection", features: [point] },
      [point],
      point,
      { type: "Point", coordinates: [3, 4] },
    ]) {
      expect(read(file)).toMatchObject([{ kind: "point", points: [{ x: 3, y: 4 }] }]);
    }
  });

  it("tell kind, name, class and colour in QuPath's ways, old and new", () => {
    const old = { name: "m", classification: { name: "Tumor", colorRGB: -3670016 } };
    expect(read([feature({ type: "Polygon", coordinates: [ring] }, old, "PathAnnotationObject")])).toMatchObject([
      { kind: "rectangle", label: "m", classification: "Tumor", colour: "#c80000" },
    ]);
    const fresh = { color: [1, 2, 3], classification: { names: ["Tumor", "Positive"], color: [9, 9, 9] } };
    expect(read([feature({ type: "LineString", coordinates: ring.slice(0, 3) }, fresh)])).toMatchObject([
      { kind: "freehand", classification: "Tumor: Positive", colour: "#010203" },
    ]);
  });

  it("with several parts become several marks, the same ones each time", () => {
    const parts = { type: "MultiPolygon", coordinates: [[ring], [ring.map(([x = 0, y = 0]) => [x + 20, y])]] };
    const file = [
      feature(
        { type: "GeometryCollection", geometries: [parts, { type: "Point", coordinates: [1, 1] }] },
        {},
        "3c5a6fcd-5a49-4a7e-8f1f-0a6f3f0a3c11",
      ),
    ];
    const found = read(file);
    expect(found.map(({ kind }) => kind)).toEqual(["rectangle", "rectangle", "point"]);
    expect(new Set(found.map(({ id }) => id)).size).toBe(3);
    expect(read(file)).toEqual(found);
  });

  it("with several parts are one again in a file, also without those that were deleted since", () => {
    const ID = "3c5a6fcd-5a49-4a7e-8f1f-0a6f3f0a3c11";
    const rings = [0, 20, 40].map((by) => ring.map(([x = 0, y = 0]) => [x + by, y]));
    const bent = [
      [0, 0],
      [9, 1],
      [4, 30],
      [0, 0],
    ];
    for (const geometry of [
      { type: "MultiPolygon", coordinates: [...rings.map((one) => [one]), [bent]] },
      {
        type: "MultiPoint",
        coordinates: [
          [1, 2],
          [3, 4],
          [5, 6],
          [7, 8],
        ],
      },
      {
        type: "MultiLineString",
        coordinates: [0, 1, 2, 3].map((x) => [
          [x, 0],
          [x, 9],
        ]),
      },
    ]) {
      const marks = read([feature(geometry, { name: "necrosis" }, ID)]);
      expect(marks).toHaveLength(4);
      const [object, ...others] = toGeoJson(marks, null).features;
      expect(others).toEqual([]);
      expect([object?.id, object?.geometry.type, object?.properties["name"]]).toEqual([ID, geometry.type, "necrosis"]);
      expect(object?.geometry.coordinates).toHaveLength(4);
      expect(read(toGeoJson(marks, null))).toEqual(marks);
      const left = marks.filter((_, i) => i !== 0 && i !== 2);
      expect(read(toGeoJson(left, null))).toEqual(left);
      expect(read(toGeoJson(left.slice(1), null))).toEqual(left.slice(1));
    }
  });

  it("of which a part got a label of its own are objects of their own", () => {
    const marks = read([
      feature({
        type: "MultiPoint",
        coordinates: [
          [1, 2],
          [3, 4],
        ],
      }),
    ]);
    const [first, second] = marks;
    if (first === undefined || second === undefined) throw new Error("two marks");
    const { features } = toGeoJson([first, { ...second, label: "mitosis" }], null);
    expect(features.map(({ id, geometry }) => [id, geometry.type])).toEqual([
      [first.id, "Point"],
      [second.id, "Point"],
    ]);
  });

  it("may tell of parts what is not true", () => {
    for (const parts of ["0,0", "1", "1,-1", "0,1e9", "a,b", 7]) {
      const told = { metadata: { "wsi-streamer.parts": parts } };
      const marks = read([
        feature(
          {
            type: "MultiPoint",
            coordinates: [
              [1, 2],
              [3, 4],
            ],
          },
          told,
        ),
      ]);
      expect(marks.map(({ part }) => part?.number)).toEqual([0, 1]);
    }
  });

  it("may hold objects within objects, and some without a geometry", () => {
    const child = feature({ type: "Point", coordinates: [1, 1] });
    const { marks, skipped } = readGeoJson(
      JSON.stringify([feature({ type: "Point", coordinates: [2, 2] }, { childObjects: [child] }), feature(null)]),
      NOW,
    );
    expect(marks).toHaveLength(2);
    expect(skipped).toBe(1);
  });

  it("may hold a kind of geometry that is not known, and objects within it", () => {
    const child = feature({ type: "Point", coordinates: [1, 1] });
    const found = readGeoJson(JSON.stringify([feature({ type: "Circle" }, { childObjects: [child] })]), NOW);
    expect(found.marks).toHaveLength(1);
    expect(skippedText(found)).toBe("1 skipped: object 1 has a geometry of an unknown kind.");
    expect(skippedText({ ...found, skipped: 0, firstSkipped: null })).toBe("");
  });

  it("an ellipse that was changed elsewhere is the polygon that it became", () => {
    const [ellipse] = toGeoJson([ALL[6] as Mark], null).features;
    expect(read([{ ...ellipse, geometry: { ...ellipse?.geometry, isEllipse: false } }])).toMatchObject([
      { kind: "polygon" },
    ]);
  });
});

describe("what can't be imported", () => {
  it.each([
    ["", "not-json"],
    ["<html>", "not-json"],
    ["3", "not-geojson"],
    ["null", "not-geojson"],
    ["[1]", "not-geojson"],
    ['{"type":"Topology"}', "not-geojson"],
    ['{"type":"FeatureCollection","features":{}}', "not-geojson"],
    ['[{"type":"Feature","geometry":{"type":"Circle","coordinates":[1,2]}}]', "not-geojson"],
    ["[]", "none-inside"],
    ['{"type":"FeatureCollection","features":[null,7]}', "none-inside"],
  ])("%s is %s", (text, why) => {
    expect(problemOf(text)).toEqual({ why });
  });

  it.each([
    ['{"type":"Point","coordinates":[]}'],
    ['{"type":"Point","coordinates":["1",2]}'],
    ['{"type":"Point","coordinates":[1e400,2]}'],
    ['{"type":"Point","coordinates":[1e12,2]}'],
    ['{"type":"Point","coordinates":{"0":1,"1":2}}'],
    ['{"type":"LineString","coordinates":[[1,2]]}'],
    ['{"type":"Polygon","coordinates":[]}'],
    ['{"type":"Polygon","coordinates":[[[1,2],[3,4],[1,2]]]}'],
    ['{"type":"MultiPolygon","coordinates":7}'],
  ])("coordinates %s are none of a slide; which object has them is told, the others are used", (geometry) => {
    const good = '{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]}}';
    const bad = `{"type":"Feature","geometry":${geometry}}`;
    const nothing = '{"type":"Feature","geometry":null}';
    expect(problemOf(`[${nothing},${bad}]`)).toEqual({ why: "bad-coordinates", index: 2 });
    const found = readGeoJson(`[${good},${bad},${good},${nothing}]`, NOW);
    expect(found).toMatchObject({ skipped: 2, firstSkipped: { why: "bad-coordinates", index: 2 } });
    expect(found.marks).toHaveLength(2);
    expect(skippedText(found)).toBe("2 skipped; the first, object 2, has coordinates that are not pixels of a slide.");
  });

  it("is too much of it", () => {
    const coordinates = Array.from({ length: MOST_MARKS + 1 }, () => [1, 2]);
    expect(problemOf(JSON.stringify({ type: "MultiPoint", coordinates }))).toEqual({ why: "too-many" });
    expect(read({ type: "MultiPoint", coordinates: coordinates.slice(1) })).toHaveLength(MOST_MARKS);
  }, 60_000); // as many marks as there may be take a busy machine some seconds

  it("a geometry in a geometry in a geometry ends", () => {
    let geometry: unknown = { type: "Point", coordinates: [1, 2] };
    for (let i = 0; i < 2000; i += 1) geometry = { type: "GeometryCollection", geometries: [geometry] };
    expect(problemOf(JSON.stringify(geometry))).toEqual({ why: "bad-coordinates", index: 1 });
  });

  it("odd names, colours and prototypes do no harm", () => {
    const text =
      '[{"type":"Feature","id":"__proto__","geometry":{"type":"Point","coordinates":[1,2]},"properties":' +
      '{"name":{"a":1},"color":["red",0,0],"classification":7,"metadata":{"wsi-streamer.kind":"script"},"__proto__":{"isLocked":true}}}]';
    const [found] = readGeoJson(text, NOW).marks;
    expect(found).toMatchObject({ kind: "point", label: "", colour: "#0a8f3c", created: NOW });
    expect(found?.id).not.toBe("__proto__");
    expect(found?.isLocked).toBeUndefined();
  });

  it("a label as long as a book is cut", () => {
    const [found] = read([feature({ type: "Point", coordinates: [1, 2] }, { name: "x".repeat(1e6) })]);
    expect(found?.label).toHaveLength(1000);
  });
});
