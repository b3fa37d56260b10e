import { describe, expect, it } from "vitest";
import {
  EVERYTHING,
  folderFrom,
  folderName,
  foldersTo,
  pathOf,
  type Question,
  readQuestion,
} from "../../src/gallery/question";

describe("a question in the URL", () => {
  it.each<Question>([
    EVERYTHING,
    { search: "a&b=c #%?+/ü研究 ", prefix: "100%/a b/#1/", sort: "-modified", status: "failed" },
    { search: "", prefix: "//", sort: "size", status: null },
  ])("is read as it was written: %o", (question) => {
    expect(readQuestion(new URL(pathOf(question), "http://x").search)).toEqual(question);
  });

  it("leaves out what goes without saying", () => {
    expect(pathOf(EVERYTHING)).toBe("/");
    expect(pathOf({ ...EVERYTHING, search: "a b" }, 50)).toBe("/?q=a+b&limit=50");
  });

  it("is not what nobody can ask", () => {
    expect(readQuestion("?sort=name&status=lost&x=1")).toEqual(EVERYTHING);
  });
});

describe("folders", () => {
  it.each([
    ["", []],
    ["a/", ["a/"]],
    ["a/b c/", ["a/", "a/b c/"]],
    ["/x/", ["/", "/x/"]],
    ["a//", ["a/", "a//"]],
    ["a/half", ["a/"]],
  ])("to %o", (prefix, folders) => expect(foldersTo(prefix)).toEqual(folders));

  it.each([
    ["a/b/", "b"],
    ["a/", "a"],
    ["a//", ""],
    ["/", ""],
  ])("%o has the name %o", (prefix, name) => expect(folderName(prefix)).toBe(name));

  it.each([
    ["", "a/", "a"],
    ["", "a/b/", "a/b"],
    ["", "a/b/c/d/", "a/…/d"],
    ["", "", ""],
    ["a/b/", "a/b/", ""],
    ["a/b/", "a/b/c/", "c"],
    ["a/b/", "a/b/c/d/e/", "c/…/e"],
    ["a/ha", "a/half/", "half"],
    ["x/", "a/b/", "a/b"],
  ])("from %o to %o lead by %o", (open, folder, way) => expect(folderFrom(open, folder)).toBe(way));
});
