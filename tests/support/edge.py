"""The tile service behind a real nginx, with what tests ask of both."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.in_process import Running, running, wait_indexed
from tests.support.nginx import nginx
from tests.support.s3server import Bucket
from tests.support.tiffs import picture, written
from wsi_streamer.access.signed_links import SignedLinks

SLIDE, OTHER = "case 7/slide.tif", "other.tif"
SECRET = "a secret for tests of at least 16"
POLICY = SignedLinks((SECRET.encode(),))
SIGNED = {"auth_enabled": True, "auth_secret": SECRET, "edge_cache": True, "failure_burst": 1_000_000}


@dataclass(frozen=True, slots=True)
class Edge:
    """nginx, and the service behind it."""

    service: Running
    http: httpx.AsyncClient
    id: str
    version: str

    async def get(self, target: str, method: str = "GET", **headers: str) -> httpx.Response:
        """With the target exactly as written."""
        request = self.http.build_request(method, "/", headers=headers)
        request.extensions["target"] = target.encode("latin-1")
        return await self.http.send(request)

    def asked(self, route: str) -> int:
        """How many requests reached Python by now."""
        found = [
            sample.value
            for family in self.service.metrics.requests.collect()
            for sample in family.samples
            if sample.name.endswith("_total") and sample.labels["route"] == route
        ]
        return int(sum(found))

    def tile(self, x: int = 0, y: int = 0, *, ref: str = "", token: str | None = None) -> str:
        """The URL of a tile, as the viewer makes it."""
        query = f"?v={self.version}" + (f"&{vt()}" if token is None else token)
        return f"/tiles/{ref or self.id}/0/{x}/{y}.jpg{query}"


def vt(key: str = SLIDE, seconds: int = 600) -> str:
    """A viewer token, as the viewer's page hands it out."""
    exp = int(time.time()) + seconds
    return f"exp={exp}&vt={POLICY.viewer_token(key, exp)}"


def slide(seed: int = 0) -> bytes:
    """A slide of 400 pixels or more by 300, two levels, tiles of 64."""
    pixels = picture(400 + seed, 300)
    return written([pixels, pixels[::2, ::2].copy()], compression="zlib", tile=(64, 64))


@contextlib.asynccontextmanager
async def edge_of(
    folder: Path, bucket: Bucket, database_url: str, *, access: bool = True, **options: object
) -> AsyncIterator[Edge]:
    """For a bucket that holds `SLIDE` and another; ``access`` as in `nginx`, ``options`` are settings."""
    async with contextlib.AsyncExitStack() as stack:
        service = await stack.enter_async_context(running(database_url, bucket.name, bucket.server.endpoint, **options))
        await wait_indexed(service.catalog, 2)
        rows = (await service.catalog.listing.page(limit=10, search=SLIDE)).rows
        url = await stack.enter_async_context(nginx(folder / "nginx", [service.url], access=access))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=30))
        yield Edge(service, http, rows[0].id, rows[0].version or "")
