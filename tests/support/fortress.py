"""A service with access signed, and every way in to it: directly, through nginx (with and without an edge cache), through HAProxy.

Its slides are named by what a wrong decoder would make of another's name, and each looks different.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from tests.support.haproxy import haproxy
from tests.support.in_process import Running, running, wait_indexed
from tests.support.nginx import nginx
from tests.support.postgres import execute
from tests.support.raw_http import Answer, exchange
from tests.support.s3server import Bucket
from tests.support.tiffs import picture, written
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.permissions import Role
from wsi_streamer.access.signed_links import SignedLinks

SECRET = "the fortress's secret of 32 bytes"
POLICY = SignedLinks((SECRET.encode(),))
DOORS = ("direct", "nginx", "edge", "haproxy")

HOME = "a/b.tif"
"""The slide that an attacker may see."""

OTHERS = (
    "a%2Fb.tif", "a%252Fb.tif", "b.tif", "a.tif", "a;b.tif", "a\\b.tif", "a b.tif", "a+b.tif", "A.TIF", "a／b.tif",
    "\u00e4.tif", "a\u0308.tif", "tiles.tif", "a%00.tif", "a%c0%afb.tif", "x/s_files/9.tif", "x.dzi.tif",
)  # fmt: skip
"""What it may not see: names that a second decoding, a cut at ``;``, a slash unified or a case folded would lead to."""

RENAMED = {"../b.tif": "dots-1.tif", "x/../b.tif": "dots-2.tif", "a//b.tif": "dots-3.tif", "./b.tif": "dots-4.tif"}
"""Names that S3 allows and a store on a file system does not: in the catalog they are so, in the bucket otherwise."""

HOSTILE = "<img src=x onerror=alert(1)>\"'</script><script>alert(2)</script>\u202egpj.tif"
"""A name that is markup wherever it is not escaped, and turns the text behind it round."""

MANY = 1_000_000
"""Failures: the tests knock at every door in vain, all from one address."""


ADMIN = Caller("local", "local", roles=frozenset({Role.ADMIN}))
"""Who makes grants."""


@dataclass(frozen=True, slots=True)
class Door:
    """A way in."""

    name: str
    port: int
    policy: SignedLinks

    async def ask(self, target: str | bytes, *headers: str, method: str = "GET", host: str = "slides.example",
                  body: bytes = b"") -> Answer:  # fmt: skip
        """With exactly this target."""
        return await exchange(self.port, target, *headers, method=method, host=host, body=body)


@dataclass(frozen=True, slots=True)
class Fortress:
    """The service, its doors, and what is behind them."""

    service: Running
    doors: Mapping[str, Door]
    ids: Mapping[str, str]
    """Opaque ids by key."""

    versions: Mapping[str, str]
    tiles: Mapping[str, bytes] = field(repr=False)
    """Tile 0/0/0 by key: no two are the same."""

    def key_of(self, body: bytes) -> str | None:
        """Whose tile that is."""
        return next((key for key, tile in self.tiles.items() if tile == body), None)


def vt(key: str = HOME, seconds: int = 600) -> str:
    """A viewer token's parameters."""
    exp = int(time.time()) + seconds
    return f"exp={exp}&vt={POLICY.viewer_token(key, exp)}"


def signed(path: str, seconds: int = 600, **params: str) -> str:
    """A signed URL."""
    return POLICY.sign_url(path, params, int(time.time()) + seconds)


def tile_path(key_or_id: str) -> str:
    """The path of a slide's first tile."""
    return f"/tiles/{quote(key_or_id, safe='')}/0/0/0.jpg"


@contextlib.asynccontextmanager
async def fortress_of(folder: Path, bucket: Bucket, database_url: str, **options: object) -> AsyncIterator[Fortress]:
    """Built and indexed; ``options`` are settings."""
    stored = [HOME, *OTHERS, *RENAMED.values(), HOSTILE]
    for i, key in enumerate(stored):
        bucket.put(key, _slide(i))
    settings = {"auth_enabled": True, "auth_secret": SECRET, "edge_cache": True, "failure_burst": MANY} | options
    async with contextlib.AsyncExitStack() as stack:
        service = await stack.enter_async_context(
            running(database_url, bucket.name, bucket.server.endpoint, **settings)
        )
        await wait_indexed(service.catalog, len(stored))
        for name, key in RENAMED.items():
            await execute(database_url, f"UPDATE slides SET key = '{name}' WHERE key = '{key}'")
        urls = {
            "direct": service.url,
            "nginx": await stack.enter_async_context(nginx(folder / "plain", [service.url], plain=True)),
            "edge": await stack.enter_async_context(nginx(folder / "edge", [service.url])),
            "haproxy": await stack.enter_async_context(haproxy(folder / "haproxy", [service.url])),
        }
        doors = {name: Door(name, urlsplit(url).port or 0, POLICY) for name, url in urls.items()}
        rows = (await service.catalog.listing.page(limit=1000)).rows
        everything = (await service.access.grants.issue(ADMIN, prefix="", expires_in=600)).token
        tiles = {}
        for row in rows:
            answer = await doors["direct"].ask(tile_path(row.id), f"Authorization: Bearer {everything}")
            assert answer.status == 200, (row.key, answer.body)
            tiles[row.key] = answer.body
        assert len(set(tiles.values())) == len(rows) == len(stored)
        yield Fortress(service, doors, {r.key: r.id for r in rows}, {r.key: r.version or "" for r in rows}, tiles)


def _slide(seed: int) -> bytes:
    pixels = picture(128 + 8 * seed, 96)
    pixels[:64, :64] = (9 * seed % 256, 255 - 9 * seed % 256, 40)
    return written([pixels], compression="zlib", tile=(64, 64))
