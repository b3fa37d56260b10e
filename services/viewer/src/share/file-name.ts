// What a saved picture is called.

import { words } from "./words";

/** As the page calls the slide, without its own ending, and with no sign that a file's name can't have. */
export function fileName(slide: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are among them
  const plain = slide.replace(/\.\w{2,5}$/, "").replace(/[\u0000-\u001f\\/:*?"<>|]+/g, "_");
  return `${words.fileName(plain.slice(0, 100))}.png`;
}
