import { describe, expect, it } from "vitest";
import { IN_CASE, Line } from "../../src/tiles/line";

/** A line, and what has begun in it; `end` lets one of them end. */
function line(most = 2, fewest = 1) {
  const found = new Line(most, fewest);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const join = (name: string, rank: () => number | null, signal = new AbortController().signal): Promise<string> =>
    found.turn(rank, signal, () => {
      begun.push(name);
      return new Promise((resolve) => ends.set(name, () => resolve(name)));
    });
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await Promise.resolve();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { line: found, begun, join, end };
}

describe("Line", () => {
  it("lets few in, and then the lowest rank of that moment, whoever came first among equals", async () => {
    const { begun, join, end } = line();
    const ranks = { c: 1, d: 1, e: 0 };
    void join("a", () => 0);
    void join("b", () => 0);
    void join("c", () => ranks.c);
    void join("d", () => ranks.d);
    void join("e", () => ranks.e);
    expect(begun).toEqual(["a", "b"]);
    await end("a");
    expect(begun).toEqual(["a", "b", "e"]);
    ranks.d = 0;
    await end("b");
    await end("e");
    expect(begun).toEqual(["a", "b", "e", "d", "c"]);
  });

  it("keeps places free from what is only in case", async () => {
    const { line: found, begun, join, end } = line(4, 2);
    for (const name of ["a", "b", "c"]) void join(name, () => IN_CASE);
    expect(begun).toEqual(["a", "b"]);
    void join("wanted", () => 0);
    expect(begun).toEqual(["a", "b", "wanted"]);
    await end("a");
    expect(begun).toEqual(["a", "b", "wanted"]);
    await end("wanted");
    expect(begun.at(-1)).toBe("c");
    expect(found.inFlight).toBe(2);
  });

  it("forgets who quits, and sees off who has no rank any more", async () => {
    const { begun, join, end } = line(1);
    const abort = new AbortController();
    let wanted: number | null = 0;
    void join("a", () => 0);
    const quits = join("b", () => 0, abort.signal);
    const seenOff = join("c", () => wanted);
    const last = join("d", () => 0);
    abort.abort();
    await expect(quits).rejects.toThrow();
    wanted = null;
    const told = expect(seenOff).rejects.toThrow("Nobody waits");
    await end("a");
    await told;
    expect(begun).toEqual(["a", "d"]);
    await end("d");
    await expect(last).resolves.toBe("d");
  });

  it("has its place back after a failure", async () => {
    const found = new Line(1, 1);
    const { signal } = new AbortController();
    await expect(
      found.turn(
        () => 0,
        signal,
        () => Promise.reject(new Error("broken")),
      ),
    ).rejects.toThrow("broken");
    await expect(
      found.turn(
        () => 0,
        signal,
        async () => 7,
      ),
    ).resolves.toBe(7);
  });
});
