// Files that the page gives to its user.

import { element } from "./dom";

/** Gives `content` to the user as a file. */
export function download(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // not before the browser has it
}

/** What a slide is called, as each system takes it in a file's name, without an ending. */
export function plainName(slide: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: just those are not wanted in a file's name
  const plain = slide.replace(/[\u0000-\u001f\u007f\\/:*?"<>|]+/g, "_").replace(/^[.\s]+|[.\s]+$/g, "");
  return plain.slice(0, 100) || "slide";
}
