"""Whose address counts where proxies are in front: theirs to say, never the client's."""

from __future__ import annotations

import pytest

from tests.support.fortress import HOME, Door, Fortress, tile_path, vt
from wsi_streamer.access.client_address import TrustedProxies

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLAIMS = [
    ["X-Forwarded-For: 203.0.113.7"],
    ["X-Forwarded-For: 203.0.113.7", "X-Forwarded-For: 203.0.113.8"],
    ["X-Forwarded-For: 203.0.113.7, 127.0.0.1"],
    [
        "X-Real-IP: 203.0.113.7",
        "Forwarded: for=203.0.113.7",
        "True-Client-IP: 203.0.113.7",
        "CF-Connecting-IP: 203.0.113.7",
    ],
    ["x-forwarded-for:203.0.113.7", "X_Forwarded_For: 203.0.113.7"],
]


async def test_a_client_does_not_choose_its_address(
    door: Door, fortress: Fortress, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What reaches the service through each door, read as a deployment that trusts this proxy reads it."""
    seen: list[str] = []
    # The one that connects is believed, and nobody behind it: 127.0.0.2 is no proxy of ours.
    trusted = TrustedProxies.of(("127.0.0.1/32",))
    app = type(fortress.service.service.app)
    original = app.__call__

    async def noting(self, scope, receive, send):  # type: ignore[no-untyped-def]
        forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        seen.append(trusted.client(scope["client"][0], forwarded))
        await original(self, scope, receive, send)

    monkeypatch.setattr(app, "__call__", noting)
    for claim in CLAIMS:
        seen.clear()
        assert (await door.ask(f"{tile_path(HOME)}?{vt()}&a=1", *claim)).status == 200
        assert seen
        if door.name == "direct":
            # Whoever reaches the port past the proxy is that proxy, to this configuration: only it may reach the port.
            continue
        assert set(seen) == {"127.0.0.1"}, (claim, seen)
