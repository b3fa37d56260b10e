import { afterEach, describe, expect, it, vi } from "vitest";

import { errorSentence, unreachable } from "../../src/api/error-words";

function page(lang: string): void {
  vi.stubGlobal("document", { documentElement: { lang } });
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("errorSentence", () => {
  it("is the server's own in English", () => {
    page("en");
    expect(errorSentence(503, "busy", "Come back later.")).toBe("Come back later.");
    expect(errorSentence(502, null, null)).toBe("The server answered with status 502.");
    expect(errorSentence(500, "busy", "")).toBe("The server answered with status 500.");
  });

  it("goes by the code in Japanese", () => {
    page("ja");
    expect(errorSentence(503, "busy", "Come back later.")).toContain("混み合って");
    expect(errorSentence(418, "teapot", "I am one.")).toContain("ステータス 418");
    expect(errorSentence(502, null, null)).toContain("ステータス 502");
    expect(unreachable()).toContain("接続できません");
  });
});
