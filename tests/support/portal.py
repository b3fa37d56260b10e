"""A page of another site, that shows one of ours in a frame."""

from __future__ import annotations

import asyncio
import contextlib
import html
from collections.abc import AsyncIterator
from dataclasses import dataclass


@dataclass(slots=True)
class Portal:
    """Any path of it is the same page."""

    url: str
    frame: str = "about:blank"
    """What its frame shows from the next load on."""

    def page(self) -> bytes:
        """The document."""
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Portal</title><h1>A portal</h1>'
            f'<iframe title="Slide" src="{html.escape(self.frame)}" width="1000" height="600" allow="fullscreen"></iframe></html>'
        ).encode()


@contextlib.asynccontextmanager
async def portal() -> AsyncIterator[Portal]:
    """On a free port of 127.0.0.1: another site than localhost, and another origin than its other ports."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await reader.readuntil(b"\r\n\r\n")
            body = found.page()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    found = Portal(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield found
    finally:
        server.close()
