import { describe, expect, it } from "vitest";
import { keyName } from "../../src/ui/key-names";

describe("keyName", () => {
  it.each([
    ["f", "F"],
    ["R", "⇧ R"],
    ["?", "?"],
    ["7", "7"],
    ["+", "+"],
    ["ArrowLeft", "←"],
    ["Escape", "Esc"],
    ["F2", "F2"],
  ])("writes %s as %s", (key, name) => expect(keyName(key)).toBe(name));
});
