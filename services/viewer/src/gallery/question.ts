// What is asked of the list, and how it stands in the page's URL.

import { marked } from "../api/mark";
import { STATUSES, type Status } from "./data";

export const SORTS = ["key", "-key", "modified", "-modified", "size", "-size"] as const;
export type Sort = (typeof SORTS)[number];

export interface Question {
  /** Part of a name. */
  readonly search: string;
  /** A folder, with its last slash; empty: all slides. */
  readonly prefix: string;
  readonly sort: Sort;
  readonly status: Status | null;
}

export const EVERYTHING: Question = { search: "", prefix: "", sort: "key", status: null };

/** From a URL's query; what is unknown there counts as not said. */
export function readQuestion(query: string): Question {
  const params = new URLSearchParams(query);
  const status = params.get("status");
  return {
    search: params.get("q") ?? "",
    prefix: params.get("prefix") ?? "",
    sort: SORTS.find((sort) => sort === params.get("sort")) ?? "key",
    status: STATUSES.find((known) => known === status) ?? null,
  };
}

/** The list's path; `limit` slides in one answer. */
export function pathOf(question: Question, limit?: number): string {
  const params = new URLSearchParams();
  if (question.search !== "") params.set("q", question.search);
  if (question.prefix !== "") params.set("prefix", question.prefix);
  if (question.sort !== "key") params.set("sort", question.sort);
  if (question.status !== null) params.set("status", question.status);
  if (limit !== undefined) params.set("limit", String(limit));
  const query = params.toString();
  return marked(query === "" ? "/" : `/?${query}`);
}

export function isSame(one: Question, other: Question): boolean {
  return pathOf(one) === pathOf(other);
}

/** The folders that lead to a prefix: each with its last slash, the outermost first. What stands behind the last slash is no
 * folder. */
export function foldersTo(prefix: string): string[] {
  const found: string[] = [];
  for (let at = prefix.indexOf("/"); at >= 0; at = prefix.indexOf("/", at + 1)) found.push(prefix.slice(0, at + 1));
  return found;
}

/** The last part of a folder. */
export function folderName(prefix: string): string {
  return prefix.slice(prefix.lastIndexOf("/", prefix.length - 2) + 1, -1);
}

/** The way from the folder that is open to one within it, which is what slides in the order of their keys go by; of a long one
 * its beginning, by which they are ordered, and its end, which tells most. Empty: it is that folder itself. */
export function folderFrom(open: string, folder: string): string {
  const base = open.slice(0, open.lastIndexOf("/") + 1);
  const way = folder.startsWith(base) ? folder.slice(base.length) : folder;
  const parts = way.slice(0, -1).split("/");
  return parts.length <= 2 ? parts.join("/") : `${parts[0]}/…/${parts.at(-1)}`;
}
