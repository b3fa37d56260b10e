// A picture of panes to the clipboard, or as a file where the browser copies none.

import { download } from "../ui/download";
import type { Pane } from "../view/pane";
import type { Confirmation } from "./confirmation";
import { fileName } from "./file-name";
import { type Extras, pictureOf, pngOf } from "./picture";
import { words } from "./words";

export async function copyPicture(panes: readonly Pane[], extras: Extras, said: Confirmation): Promise<void> {
  const name = fileName(panes[0]?.slide.name ?? "");
  let png: Promise<Blob>;
  try {
    png = pngOf(pictureOf(panes, extras));
  } catch {
    said.say([words.failed]);
    return;
  }
  try {
    // The promise, not the blob: some browsers count the click no more once it has been waited for.
    await navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);
    said.say([words.imageCopied], { label: words.save, run: () => void save(png, name, said) });
  } catch {
    await save(png, name, said, [words.noCopy]);
  }
}

export async function savePicture(panes: readonly Pane[], extras: Extras, said: Confirmation): Promise<void> {
  try {
    await save(pngOf(pictureOf(panes, extras)), fileName(panes[0]?.slide.name ?? ""), said);
  } catch {
    said.say([words.failed]);
  }
}

async function save(png: Promise<Blob>, name: string, said: Confirmation, lines: string[] = []): Promise<void> {
  try {
    download(await png, name);
    said.say([...lines, words.imageSaved(name)]);
  } catch {
    said.say([words.failed]);
  }
}
