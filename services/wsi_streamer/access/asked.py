"""What a request shows of itself: enough to say who asks, and for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wsi_streamer.access.client_address import TrustedProxies

SEVERAL = "several\nheaders"
"""Stands for more than one Authorization header: a proxy and this server might each take another one of them. No single
header can hold a line's end."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, before its right is checked. Whatever is in it may be made up."""

    raw_path: bytes
    """As it was sent, percent-encoded."""

    query: bytes
    authorization: str = field(repr=False)
    """`SEVERAL` where there are several."""

    cookie: str = field(repr=False)
    address: str
    """The client's, as far as trusted proxies tell; empty where it isn't known."""

    sent_from: tuple[str, bytes]
    """The peer, and all that X-Forwarded-For claims: tells viewers apart for read-ahead, and proves nothing."""

    fetch_dest: str = ""
    """Sec-Fetch-Dest: what a browser wants it for; empty where it doesn't say."""

    @classmethod
    def of(
        cls,
        scope: Mapping[str, Any],
        proxies: TrustedProxies,
        raw_path: bytes | None = None,
        query: bytes | None = None,
    ) -> Asked:
        """From an ASGI scope; path and query of another request where a proxy asks about one."""
        client = scope["client"]
        peer = client[0] if client else ""
        authorizations: list[bytes] = []
        cookie = b""
        forwarded: list[bytes] = []
        fetch_dest = b""
        for name, value in scope["headers"]:
            if name == b"x-forwarded-for":
                forwarded.append(value)
            elif name == b"authorization":
                authorizations.append(value)
            elif name == b"cookie":
                cookie = value if not cookie else cookie + b"; " + value
            elif name == b"sec-fetch-dest":
                fetch_dest = value
        return cls(
            scope["raw_path"] if raw_path is None else raw_path,
            scope["query_string"] if query is None else query,
            SEVERAL if len(authorizations) > 1 else b"".join(authorizations).decode("latin-1"),
            cookie.decode("latin-1"),
            proxies.client(peer, forwarded),
            (peer, b",".join(forwarded)),
            fetch_dest.decode("latin-1"),
        )
