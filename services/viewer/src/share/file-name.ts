// What a saved picture is called.

import { plainName } from "../ui/download";
import { words } from "./words";

/** As the page calls the slide, without its own ending. */
export function fileName(slide: string): string {
  return `${words.fileName(plainName(slide.replace(/\.\w{2,5}$/, "")))}.png`;
}
