import { describe, expect, it } from "vitest";
import { plainName } from "../../src/ui/download";

describe("a file's name", () => {
  it("is the slide's, without what some system takes in no name", () => {
    expect(plainName("Case 7 ä.svs")).toBe("Case 7 ä.svs");
    expect(plainName('..a/b\\c:*?"<>|d\u0007e\u007f. ')).toBe("a_b_c_d_e_");
    expect(plainName("s".repeat(300))).toHaveLength(100);
    expect(plainName("...")).toBe("slide");
  });
});
