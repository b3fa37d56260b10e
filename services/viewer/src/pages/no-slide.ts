// In place of the viewer: there is nothing to view. The server says so itself of what the catalog knows; of a key that it does
// not know that comes to light only when the page asks for the slide.

import type { ApiError } from "../api/api-fetch";
import { marked } from "../api/mark";
import type { PageData } from "../api/metadata";
import { element } from "../ui/dom";
import { words } from "./words";

const NOT_FOUND = 404;
const UNSUPPORTED = 415;

export interface NoSlide {
  readonly title: string;
  readonly message: string;
}

/** What to say where an error means that there is no slide to show; null: it means something else. */
export function noSlide({ status, message }: ApiError, name: string): NoSlide | null {
  if (status === NOT_FOUND) return { title: words.noSuchSlide, message: words.mayBeRemoved };
  return status === UNSUPPORTED ? { title: name, message } : null;
}

/** The whole page, as the server makes it of an opaque id. */
export function showNoSlide({ title, message }: NoSlide, page: PageData): void {
  const back = element("a", { class: "back", href: marked("/") }, words.slides);
  const bar = page.has_list ? [element("header", { class: "bar" }, back)] : [];
  const why = element("p", { role: "alert" }, message);
  const said = element("main", { class: "notice" }, element("h1", {}, title), why);
  document.title = title;
  document.body.className = "list";
  document.body.replaceChildren(...bar, said);
}
