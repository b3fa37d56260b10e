import { afterEach, describe, expect, it, vi } from "vitest";
import { Access } from "../../src/api/access";
import { ApiError, blobOnce } from "../../src/api/api-fetch";
import { fetchMetadata } from "../../src/api/open-slide";
import { answers } from "./answers";

afterEach(() => vi.unstubAllGlobals());

function asked(): Promise<unknown> {
  return fetchMetadata("s-1", new Access({}), () => undefined).catch((error: unknown) => error);
}

describe("what is told of a slide", () => {
  it("is what the server answers", async () => {
    answers(new Response('{"id": "s-1", "levels": []}'));
    expect(await asked()).toEqual({ id: "s-1", levels: [] });
  });

  it.each(["<html>a proxy</html>", "null", "[]", '{"levels": 3}', '{"slides": []}', ""])(
    "is an error where the answer is %s",
    async (body) => {
      answers(new Response(body));
      const error = await asked();
      expect(error).toBeInstanceOf(ApiError);
      expect(error).toMatchObject({ status: 0, message: "The server's answer can't be read." });
    },
  );
});

describe("an answer that breaks off", () => {
  it("is told of in the page's language", async () => {
    vi.stubGlobal("document", { documentElement: { lang: "ja" } });
    const broken = new ReadableStream({ start: (body) => body.error(new TypeError("reset")) });
    answers(new Response(broken));
    const error = await blobOnce("/tile", new AbortController().signal).catch((error: unknown) => error);
    expect(error).toMatchObject({ status: 0, message: "サーバーからの応答が途中で途切れました。" });
  });
});
