// Which mark, and which handle of it, is at a place of the screen.

import type { Point } from "../../view/point";
import { distanceToPath } from "../geometry/geometry";
import type { Mark } from "../model/mark";
import type { Drawn } from "../shown/drawing";
import { inverse, type Projection, project } from "../shown/projection";
import { handles } from "./handles";

/** The nearest whose lines are within `reach` CSS pixels of `place`. */
export function markAt(marks: Iterable<Drawn>, place: Point, reach: number, projection: Projection): Mark | null {
  const back = inverse(projection);
  const at = project(back, place);
  // on the slide the reach is an ellipse where pixels are not square: its box is enough to pass most marks over
  const wide = Math.hypot(back.a, back.b, back.c, back.d) * reach;
  let found: Mark | null = null;
  let nearest = reach;
  for (const { mark, shape } of marks) {
    const { box } = shape;
    if (at.x < box.left - wide || at.x > box.right + wide || at.y < box.top - wide || at.y > box.bottom + wide)
      continue;
    for (const { points, isClosed } of shape.lines) {
      const line = points.map((point) => project(projection, point));
      const [first] = line;
      if (isClosed && first !== undefined) line.push(first);
      const distance = distanceToPath(place, line);
      if (distance > nearest) continue;
      nearest = distance;
      found = mark;
    }
  }
  return found;
}

/** The index of the handle within `reach` CSS pixels of `place`. */
export function handleAt(mark: Mark, place: Point, reach: number, projection: Projection): number | null {
  let found: number | null = null;
  let nearest = reach;
  handles(mark).forEach((handle, index) => {
    const at = project(projection, handle);
    const distance = Math.hypot(at.x - place.x, at.y - place.y);
    if (distance > nearest) return;
    nearest = distance;
    found = index;
  });
  return found;
}
