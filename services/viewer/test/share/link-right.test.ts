import { describe, expect, it } from "vitest";

import { linkRight } from "../../src/share/link-right";

const NOBODY = { look: null, beside: [], linked: false };
const beside = (exp: string) => ({ id: "s-2", access: { exp, vt: "ff" }, look: null });

describe("what a link gives", () => {
  it("is nothing of its own without a signature or token", () => {
    expect(linkRight("", NOBODY).until).toBeNull();
    expect(linkRight("?exp=5", NOBODY).until).toBeNull();
  });

  it("is the slide until the signature ends, or the last token", () => {
    expect(linkRight("?exp=1700&sig=ab", NOBODY).until).toBe(1700);
    expect(linkRight("?exp=1700&sig=ab", { ...NOBODY, beside: [beside("1900"), beside("1800")] }).until).toBe(1900);
    expect(linkRight("", { ...NOBODY, beside: [beside("1800")] }).until).toBe(1800);
  });

  it("is none where the time is none", () => {
    expect(linkRight("?exp=soon&sig=ab", NOBODY).until).toBeNull();
  });
});
