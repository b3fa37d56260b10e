import { describe, expect, it } from "vitest";
import { ApiError } from "../../src/api/api-fetch";
import { noSlide } from "../../src/pages/no-slide";

describe("a page that has nothing to view", () => {
  it("says that there is no such slide, or why it can't be shown", () => {
    expect(noSlide(new ApiError("No such slide.", 404), "a.svs")).toEqual({
      title: "No such slide",
      message: "It may have been removed from the bucket.",
    });
    expect(noSlide(new ApiError("It is cut short.", 415), "a.svs")).toEqual({
      title: "a.svs",
      message: "It is cut short.",
    });
  });

  it.each([0, 401, 403, 500, 503])("is not what an error of status %i means", (status) => {
    expect(noSlide(new ApiError("Later.", status), "a.svs")).toBeNull();
  });
});
