"""HTTP by hand: requests as exactly the bytes that a test writes, and answers as they came."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

SECONDS = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """One response. Names of headers in lower case, in the order they came."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The one of that name.

        Raises:
            AssertionError: there are several.
        """
        found = self.all(name)
        assert len(found) < 2, f"{name} is there {len(found)} times"
        return found[0] if found else None

    def all(self, name: str) -> list[str]:
        """All of that name."""
        return [value for each, value in self.headers if each == name]


async def exchange(port: int, target: str | bytes, *headers: str, method: str = "GET", host: str = "slides.example",
                   body: bytes = b"") -> Answer:  # fmt: skip
    """One request on a connection of its own. ``target`` is sent as it is, bytes above 127 as Latin-1.

    Raises:
        ConnectionError: no answer came.
        TimeoutError: none in `SECONDS`.
    """
    raw = target.encode("latin-1") if isinstance(target, str) else target
    length = [f"Content-Length: {len(body)}"] if body else []
    lines = [f"Host: {host}", "Connection: close", *length, *headers]
    head = b"%s %s HTTP/1.1\r\n" % (method.encode(), raw) + "".join(f"{line}\r\n" for line in lines).encode("latin-1")
    answers = await sent(port, head + b"\r\n" + body, bodiless=method == "HEAD")
    if not answers:
        raise ConnectionError(f"no answer to {method} {target!r}")
    return answers[0]


async def sent(port: int, data: bytes, *, bodiless: bool = False) -> list[Answer]:
    """Every answer to some bytes, until the server closes or is silent for a moment. ``bodiless``: they are to HEAD."""
    async with asyncio.timeout(SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(data)
            return await _answers(reader, bodiless=bodiless)
        finally:
            writer.close()


async def _answers(reader: asyncio.StreamReader, *, bodiless: bool) -> list[Answer]:
    found: list[Answer] = []
    while True:
        try:
            # The first may take its time; whether there is one more is known soon.
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SECONDS if not found else 0.3)
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            return found
        status_line, *lines = head.decode("latin-1").split("\r\n")[:-2]
        split = (line.partition(":") for line in lines)
        headers = tuple((name.lower(), value.strip()) for name, _, value in split)
        status = int(status_line.split(" ")[1])
        known = dict(headers)
        empty = bodiless or status in (204, 304) or status < 200
        body = b"" if empty else await _body(reader, known)
        if status >= 200:
            found.append(Answer(status, headers, body))


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    if headers.get("transfer-encoding") != "chunked":
        return await reader.read()
    parts = []
    while size := int(await reader.readline(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(parts)
