import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Access } from "../../src/api/access";
import { ApiError } from "../../src/api/api-fetch";
import { KeptRight, paramsOf } from "../../src/embed/kept-right";

const NOW = 1_700_000_000;
const refusal = new ApiError("expired", 401);

function kept(seconds: number, ask: () => Promise<{ exp: number; vt: string }>): Access {
  const access = new Access(paramsOf({ exp: NOW + seconds, vt: "first" }));
  new KeptRight(access, ask).keep();
  return access;
}

async function pass(seconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(seconds * 1000);
}

const now = (): number => Date.now() / 1000;

beforeEach(() => void vi.useFakeTimers({ now: NOW * 1000 }));
afterEach(() => void vi.useRealTimers());

describe("KeptRight", () => {
  it("asks shortly before the end, again and again", async () => {
    const ask = vi.fn(async () => ({ exp: now() + 600, vt: "next" }));
    const access = kept(600, ask);
    await pass(569);
    expect(ask).not.toHaveBeenCalled();
    await pass(1);
    expect(access.params["vt"]).toBe("next");
    expect(access.expires).toBe((NOW + 570 + 600) * 1000);
    await pass(570);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it("asks in the last quarter of a short one", async () => {
    const ask = vi.fn(async () => ({ exp: now() + 4, vt: "next" }));
    kept(4, ask);
    await pass(2.9);
    expect(ask).not.toHaveBeenCalled();
    await pass(0.2);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it("asks at once after a refusal, and opens the door", async () => {
    const ask = vi.fn(async () => ({ exp: now() + 600, vt: "next" }));
    const access = kept(600, ask);
    access.refused(refusal);
    await pass(0);
    expect(ask).toHaveBeenCalledTimes(1);
    expect(access.refusal).toBeNull();
  });

  it("asks ever more slowly what fails, and what brings nothing new", async () => {
    const ask = vi
      .fn(async () => ({ exp: now() + 600, vt: "next" }))
      .mockRejectedValueOnce(new Error("offline"))
      .mockResolvedValueOnce({ exp: NOW + 4, vt: "same" });
    const access = kept(4, ask);
    await pass(3);
    expect(ask).toHaveBeenCalledTimes(1);
    await pass(0.1);
    expect(ask).toHaveBeenCalledTimes(2);
    await pass(0.8);
    expect(ask).toHaveBeenCalledTimes(2);
    await pass(0.2);
    expect(access.params["vt"]).toBe("next");
  });
});
