// Turning by two fingers. Hands turn a little whenever they pinch: the picture follows only once it is more than that.

import type OpenSeadragon from "openseadragon";

import type { Pane } from "./pane";

/** Degrees that a pinch may turn by accident. */
const SLACK = 12;

export interface Spot {
  readonly x: number;
  readonly y: number;
}

const ORIGIN: Spot = { x: 0, y: 0 };

/** Degrees, clockwise on the screen, from one position of two fingers to the next; within -180 to 180. */
export function turned(from: readonly [Spot, Spot], to: readonly [Spot, Spot]): number {
  const angle = ([a, b]: readonly [Spot, Spot]): number => (Math.atan2(a.y - b.y, a.x - b.x) * 180) / Math.PI;
  const difference = angle(to) - angle(from);
  return ((((difference + 180) % 360) + 360) % 360) - 180;
}

/** Tells how far to turn the picture, step by step, through one gesture after the other. */
export class TwoFingers {
  #gesture = "";
  #last: readonly [Spot, Spot] = [ORIGIN, ORIGIN];
  #sum = 0;
  #follows = false;

  /** Degrees to turn now. `gesture` names the two touches: other ones begin anew. */
  step(gesture: string, now: readonly [Spot, Spot]): number {
    const degrees = gesture === this.#gesture ? turned(this.#last, now) : 0;
    if (gesture !== this.#gesture) {
      this.#gesture = gesture;
      this.#sum = 0;
      this.#follows = false;
    }
    this.#last = now;
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
    // Fingers report one at a time, so that the other's last step would count twice: not OpenSeadragon's own last positions.
    const degrees = fingers.step(`${a.id} ${a.contactTime} ${b.id} ${b.contactTime}`, [spot(a), spot(b)]);
    if (degrees === 0) return;
    const { viewport } = pane.viewer;
    const about = viewport.pointFromPixel(event.center, true);
    const sign = viewport.getFlip() ? -1 : 1;
    viewport.rotateTo(viewport.getRotation(true) + sign * degrees, about, true);
    onTurn();
  });
}

function spot({ currentPos: { x, y } }: OpenSeadragon.GesturePoint): Spot {
  return { x, y };
}
