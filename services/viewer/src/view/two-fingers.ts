// Turning by two fingers. Hands turn a little whenever they pinch: the picture follows only once it is more than that.

import type OpenSeadragon from "openseadragon";

import type { Pane } from "./pane";

/** Degrees that a pinch may turn by accident. */
const SLACK = 12;

export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Degrees, clockwise on the screen, from one position of two fingers to the next; within -180 to 180. */
export function turned(from: readonly [Spot, Spot], to: readonly [Spot, Spot]): number {
  const angle = ([a, b]: readonly [Spot, Spot]): number => (Math.atan2(a.y - b.y, a.x - b.x) * 180) / Math.PI;
  const difference = angle(to) - angle(from);
  return ((((difference + 180) % 360) + 360) % 360) - 180;
}

/** Tells how far to turn the picture, step by step, through one gesture after the other. */
export class TwoFingers {
  #gesture = "";
  #sum = 0;
  #follows = false;

  /** Degrees to turn now. `gesture` names the two touches: other ones begin anew. */
  step(gesture: string, degrees: number): number {
    if (gesture !== this.#gesture) {
      this.#gesture = gesture;
      this.#sum = 0;
      this.#follows = false;
    }
    if (this.#follows) return degrees;
    this.#sum += degrees;
    this.#follows = Math.abs(this.#sum) > SLACK;
    return 0; // without a jump: what was slack is lost
  }
}

export function turnByFingers(pane: Pane, onTurn: () => void): void {
  const fingers = new TwoFingers();
  pane.viewer.addHandler("canvas-pinch", (event) => {
    const [a, b] = event.gesturePoints as unknown as [OpenSeadragon.GesturePoint, OpenSeadragon.GesturePoint];
    const degrees = fingers.step(
      `${a.id} ${a.contactTime} ${b.id} ${b.contactTime}`,
      turned([a.lastPos, b.lastPos], [a.currentPos, b.currentPos]),
    );
    if (degrees === 0) return;
    const { viewport } = pane.viewer;
    const about = viewport.pointFromPixel(event.center, true);
    const sign = viewport.getFlip() ? -1 : 1;
    viewport.rotateTo(viewport.getRotation(true) + sign * degrees, about, true);
    onTurn();
  });
}
