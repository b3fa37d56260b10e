// Told before the page loads itself anew, so that who knows the place can keep it.

import { Signal } from "../ui/signal";

export const leaving = new Signal();

/** Load the page anew, after all have kept what they want to keep. */
export function reload(): void {
  leaving.emit();
  location.reload();
}
