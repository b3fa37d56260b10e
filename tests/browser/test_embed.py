"""A slide in somebody else's page: by the module that they import, on another origin, with a right that is renewed."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Route

from tests.support.browser import PATIENCE, Browser
from tests.support.in_process import Running, running, wait_indexed
from tests.support.needs import missing
from tests.support.oracle import Pixels, level_pixels
from tests.support.s3server import Bucket
from tests.support.screen import screen_once
from tests.support.slides import real_slide
from wsi_streamer.access.signed_links import SignedLinks

SLIDE = "CMU-1-Small-Region.svs"
WIDTH, HEIGHT = 2220, 2967
SECRET = "a secret for tests"
OPENSEADRAGON = Path(__file__).parents[2] / "services/viewer/node_modules/openseadragon/build/openseadragon"

PAGE = """<!doctype html>
<meta charset="utf-8">
<div id="slide" style="width: 1200px; height: 720px; background: #fff"></div>
<script src="/openseadragon.js"></script>
<script type="module">
  import { tileSource } from "SERVER/embed/tile-source.js";
  const access = () => fetch("/right").then((answer) => answer.json()); // {exp, vt}, made by your own server
  const source = await tileSource(OpenSeadragon, "SERVER", "SLIDE", { access });
  window.viewer = OpenSeadragon({ id: "slide", tileSources: source, showNavigationControl: false });
</script>
"""
_DRAWN = "!!window.viewer?.world.getItemAt(0)?.getFullyLoaded()"
_FRAME = """async () => {
    window.viewer.forceRedraw();
    await new Promise(drawn => window.viewer.addOnceHandler("update-viewport", drawn));
}"""
_TILE = re.compile(r"/(tiles|dzi_files)/")


class OtherSite(ThreadingHTTPServer):
    """A page, OpenSeadragon and rights of a few seconds."""

    page = ""
    lifetime = 600
    rights = 0

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_address[1]}"


class _Answer(BaseHTTPRequestHandler):
    server: OtherSite

    def do_GET(self) -> None:
        if self.path == "/openseadragon.js":
            self._send("text/javascript", (OPENSEADRAGON / "openseadragon.js").read_bytes())
        elif self.path == "/right":
            self.server.rights += 1
            exp = int(time.time()) + self.server.lifetime
            token = SignedLinks((SECRET.encode(),)).viewer_token(SLIDE, exp)
            self._send("application/json", f'{{"exp": {exp}, "vt": "{token}"}}'.encode())
        elif self.path == "/":
            self._send("text/html", self.server.page.encode())
        else:
            self._send("image/x-icon", b"")

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def other_site() -> Iterator[OtherSite]:
    if not OPENSEADRAGON.exists():
        missing("OpenSeadragon: make viewer")
    server = OtherSite(("127.0.0.1", 0), _Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
async def services(
    bucket: Bucket, database_url: str, other_site: OtherSite, browser: Browser
) -> AsyncIterator[Running]:
    bucket.put(SLIDE, real_slide(SLIDE))
    options = {"auth_enabled": True, "auth_secret": SECRET, "cors_origins": (other_site.url,)}

    async with running(database_url, bucket.name, bucket.server.endpoint, **options) as found:
        await wait_indexed(found.catalog, 1)
        row = (await found.catalog.listing.page(limit=1)).rows[0]
        other_site.page = PAGE.replace("SERVER", found.url).replace("SLIDE", row.id)
        yield found


async def drawn(browser: Browser) -> None:
    """Until all is there that the view, moved a moment ago, asks for, and is on the screen."""
    await browser.page.evaluate(_FRAME)
    await browser.until(_DRAWN)
    await browser.page.evaluate(_FRAME)


async def test_ten_lines_show_a_slide_in_its_own_colours_and_keep_their_right(
    services: Running, other_site: OtherSite, browser: Browser
) -> None:
    page = browser.page
    statuses: list[tuple[str, int]] = []
    page.on("response", lambda r: statuses.append((r.url, r.status)) if _TILE.search(r.url) else None)
    other_site.lifetime = 12  # of the first: it is to open the slide
    await page.goto(other_site.url)
    await browser.until(_DRAWN)
    other_site.lifetime = 6
    await page.evaluate(
        """{
            window.kept = window.viewer.world.getItemAt(0);
            window.viewer.addHandler("tile-unloaded", () => { window.lost = true; });
        }"""
    )
    await page.evaluate(
        """([width, height]) => {
            const v = window.viewer.viewport, size = v.getContainerSize();
            v.zoomTo(v.imageToViewportZoom(1), null, true);
            v.panTo(v.imageToViewportCoordinates(width - size.x / 2, height - size.y / 2), true);
        }""",
        [WIDTH, HEIGHT],
    )
    await drawn(browser)
    rect = await page.evaluate("(r => [r.x, r.y])(document.querySelector('#slide').getBoundingClientRect())")
    left, top = map(round, rect)
    oracle, _ = await level_pixels(real_slide(SLIDE), WIDTH, HEIGHT)

    def is_the_slide(screen: Pixels) -> bool:
        shown = screen[top : top + 720, left : left + 1200].astype(int)
        return bool(np.abs(shown - oracle[HEIGHT - 720 :, WIDTH - 1200 :]).mean() < 0.5)

    assert is_the_slide(await screen_once(browser, "embedded", is_the_slide))

    # Rights end and are renewed while it is looked at; then one is refused, which none has foreseen.
    async with asyncio.timeout(120):
        while other_site.rights < 3:  # noqa: ASYNC110 - a thread counts
            await asyncio.sleep(0.1)
    first = next(url for url, _ in statuses)
    statuses.clear()
    await page.evaluate("{ const v = window.viewer.viewport, to = v.getCenter(); to.y -= 0.5; v.panTo(to, true) }")
    await drawn(browser)
    async with asyncio.timeout(PATIENCE):
        while 200 not in {status for _, status in statuses}:  # noqa: ASYNC110 - it is the browser's news
            await asyncio.sleep(0.05)
    assert re.search(r"vt=\w+", statuses[-1][0])[0] not in first  # type: ignore[index]
    assert await page.evaluate("window.kept === window.viewer.world.getItemAt(0) && !window.lost")
    assert [problem for problem in browser.problems if "401" not in problem] == []  # a slow machine renews late
    assert browser.hosts == {"127.0.0.1", "localhost"}

    asked, refused = other_site.rights, 0

    async def refuse_twice(route: Route) -> None:
        nonlocal refused
        refused += 1
        await (
            route.fulfill(status=401, headers={"access-control-allow-origin": "*"})
            if refused < 3
            else route.continue_()
        )

    other_site.lifetime = 600
    await page.route(_TILE, refuse_twice)
    await page.evaluate("{ const v = window.viewer.viewport, to = v.getCenter(); to.y -= 0.5; v.panTo(to, true) }")
    await drawn(browser)
    assert refused > 2
    assert other_site.rights > asked
    assert await page.evaluate("window.kept === window.viewer.world.getItemAt(0) && !window.lost")
    tiles = "Object.values(window.kept.tilesMatrix).flatMap(Object.values).flatMap(Object.values)"
    assert await page.evaluate(f"{tiles}.every(t => t.exists)")


async def test_the_module_is_open_to_all_origins_and_cached_shortly(services: Running) -> None:
    answer = await services.http.get("/embed/tile-source.js", headers={"origin": "https://elsewhere.example"})
    assert answer.status_code == 200
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert not re.search(r"\bimport\b[^(.]", answer.text), "it brings nothing along"
    assert len(answer.content) < 20_000
    again = await services.http.get("/embed/tile-source.js", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await services.http.get("/embed/other.js")).status_code == 404
