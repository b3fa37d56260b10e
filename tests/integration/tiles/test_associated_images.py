"""Labels, macros and scanners' thumbnails: pixels against OpenSlide's and tifffile's, and who may see them."""

from __future__ import annotations

import io
from typing import Any

import httpx
import numpy as np
import openslide
import pytest
import tifffile
from PIL import Image

from tests.support.audit import first_denials
from tests.support.in_process import Running, running, wait_indexed
from tests.support.s3server import Bucket
from tests.support.slides import real_slide
from tests.support.tiffs import picture, plain
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.permissions import GRANTABLE, Role
from wsi_streamer.access.scope import Scope
from wsi_streamer.catalog.database import Database

Pixels = np.ndarray
ADMIN = Caller("admin-token", "admin-token", GRANTABLE, Scope.all(), frozenset({Role.ADMIN}))
EXPOSED = {"expose_label": True, "expose_macro": True}


def decoded(response: httpx.Response) -> Pixels:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "image/jpeg"
    image = Image.open(io.BytesIO(response.content))
    assert "exif" not in image.info
    return np.asarray(image.convert("RGB")).astype(int)


def image_url(slide: str, name: str, **query: Any) -> str:
    return f"/slides/{slide}/associated-images/{name}?" + "&".join(f"{k}={v}" for k, v in query.items())


def svs(name: str, pixels: Pixels, **options: Any) -> bytes:
    """An Aperio file with one associated image."""
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(picture(256, 192), photometric="rgb", metadata=None, compression="jpeg", tile=(64, 64),
                     description="Aperio Image Library v12\r\n256x192 (64x64) JPEG/RGB Q=70|MPP = 0.5")  # fmt: skip
        said = f"Aperio Image Library v12\r\n{name} {pixels.shape[1]}x{pixels.shape[0]}"
        writer.write(pixels, metadata=None, description=said, **{"photometric": "rgb", **options})
    return file.getvalue()


@pytest.mark.parametrize("name", ["CMU-1-Small-Region.svs", "tcga-cr-7395-01a-01-ts1.svs"])
async def test_real_slides_show_what_openslide_shows(name: str, bucket: Bucket, database_url: str) -> None:
    path = real_slide(name)
    bucket.put("real.svs", path)
    async with running(database_url, bucket.name, bucket.server.endpoint, **EXPOSED) as services:
        await wait_indexed(services.catalog, 1)
        with openslide.OpenSlide(path) as oracle:
            assert sorted((await services.http.get("/slides/real.svs")).json()["associated_images"]) == sorted(
                oracle.associated_images
            )
            for image, stored in oracle.associated_images.items():
                expected = np.asarray(stored.convert("RGB")).astype(int)
                shown = decoded(await services.http.get(image_url("real.svs", image, quality=100)))
                assert shown.shape == expected.shape
                assert np.abs(shown - expected).mean() < 1.5, image
                small = decoded(await services.http.get(image_url("real.svs", image, quality=95, max_size=200)))
                assert max(small.shape) == 200
                size = (small.shape[1], small.shape[0])
                reduced = np.asarray(stored.convert("RGB").resize(size, Image.Resampling.BOX)).astype(int)
                assert np.abs(small - reduced).mean() < 4, image


@pytest.mark.parametrize(
    ("options", "tolerance"),
    [
        ({"compression": "lzw", "predictor": 2, "rowsperstrip": 7}, 1.0),
        ({"compression": "lzw", "rowsperstrip": 16}, 1.0),
        ({"compression": "lzw", "predictor": 2, "tile": (64, 48)}, 1.0),
        ({"compression": "jpeg", "compressionargs": {"level": 95}, "rowsperstrip": 16}, 2.0),
        ({"compression": "jpeg", "compressionargs": {"level": 95}, "tile": (64, 64)}, 2.0),
        ({"compression": "zlib", "planarconfig": "separate", "rowsperstrip": 10}, 1.0),
        ({"rowsperstrip": 1}, 1.0),
        ({}, 1.0),
    ],
)
async def test_however_it_is_stored(
    options: dict[str, Any], tolerance: float, bucket: Bucket, database_url: str
) -> None:
    pixels = picture(201, 133)
    planar = options.get("planarconfig") == "separate"
    bucket.put("a.svs", svs("label", np.moveaxis(pixels, -1, 0) if planar else pixels, **options))
    async with running(database_url, bucket.name, bucket.server.endpoint, **EXPOSED) as services:
        await wait_indexed(services.catalog, 1)
        shown = decoded(await services.http.get(image_url("a.svs", "label", quality=100)))
        assert shown.shape == pixels.shape
        assert np.abs(shown - pixels).mean() < tolerance


async def test_headers_are_the_thumbnails_and_a_label_is_kept_nowhere_for_long(
    bucket: Bucket, database_url: str
) -> None:
    bucket.put("a.svs", svs("label", picture(300, 200), compression="lzw"))
    async with running(database_url, bucket.name, bucket.server.endpoint, edge_cache=True, **EXPOSED) as services:
        await wait_indexed(services.catalog, 1)
        version = (await services.http.get("/slides/a.svs")).json()["version"]
        url = image_url("a.svs", "label", max_size=10, v=version)
        first = await services.http.get(url)
        assert max(decoded(first).shape) == 64
        assert first.headers["x-thumbnail-size-clamped"] == "true"
        assert (first.headers["x-thumbnail-requested-size"], first.headers["x-thumbnail-actual-size"]) == ("10", "64")
        assert (first.headers["x-tile-cache-hit"], first.headers["x-tile-quality"]) == ("false", "80")
        assert first.headers["cache-control"] == "private, no-store"
        assert first.headers["x-accel-expires"] == "0"
        again = await services.http.get(url)
        assert (again.headers["x-tile-cache-hit"], again.content) == ("true", first.content)
        known = await services.http.get(url, headers={"if-none-match": first.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")
        head = await services.http.head(url)
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])
        assert max(decoded(await services.http.get(image_url("a.svs", "label", max_size=9999))).shape) == 300
        for wrong, code in (("quality=0", "invalid_quality"), ("max_size=x", "invalid_request")):
            refused = await services.http.get(f"/slides/a.svs/associated-images/label?{wrong}")
            assert (refused.status_code, refused.json()["error"]) == (400, code)
        for absent in ("macro", "thumbnail", "other", "label%2F..", "LABEL", "%2e%2e", "%6Cabel"):
            assert (await services.http.get(f"/slides/a.svs/associated-images/{absent}")).status_code == 404, absent


async def test_without_the_permission_nothing_is_told_of_it(bucket: Bucket, database_url: str) -> None:
    bucket.put("a.svs", svs("label", picture(300, 200), compression="lzw"))
    async with running(database_url, bucket.name, bucket.server.endpoint) as services:
        await wait_indexed(services.catalog, 1)
        answers = set()
        for slide in ("a.svs", "absent.svs", "s-aaaaaaaaaaaaaaaaaaaaaaaa"):
            for name in ("label", "macro", "other"):
                for headers in ({}, {"if-none-match": "*"}):
                    refused = await services.http.get(image_url(slide, name), headers=headers)
                    answers.add((refused.status_code, refused.text, refused.headers["cache-control"]))
        [(status, body, caching)] = answers
        assert (status, caching) == (403, "no-store")
        assert '"forbidden"' in body
        assert (await services.http.get(image_url("a.svs", "thumbnail"))).status_code == 404
        assert await reads(services) == 0


async def test_a_macro_that_is_refused_once_the_format_is_known_is_on_record(
    bucket: Bucket, database_url: str, database: Database
) -> None:
    bucket.put("a.tif", plain())  # of no known scanner: its macro would show the label
    access = {"access": "signed", "auth_secret": "a secret that is long enough"}
    async with running(database_url, bucket.name, bucket.server.endpoint, **access) as services:
        await wait_indexed(services.catalog, 1)
        [row] = (await services.catalog.listing.page(limit=9)).rows
        issued = await services.access.grants.issue(ADMIN, slide="a.tif", expires_in=600, permissions=["macro"])
        path = f"{image_url(row.id, 'macro')}grant={issued.token}"
        assert (await services.http.get(path)).status_code == 403
        [record] = await first_denials(database)
    assert (record["agent"]["kind"], record["agent"]["id"]) == ("grant", issued.grant.id)
    assert (record["slide_id"], record["detail"]["wanted"]) == (row.id, "label")


async def reads(services: Running) -> int:
    """Pictures that this worker has made."""
    return len(services.service.context.maker.cache)


async def test_what_is_damaged_or_absurd_is_an_error_and_no_picture(bucket: Bucket, database_url: str) -> None:
    data = bytearray(svs("label", picture(201, 133), compression="lzw", predictor=2))
    with tifffile.TiffFile(io.BytesIO(data)) as tif:
        at, length = tif.pages[1].dataoffsets[0], tif.pages[1].databytecounts[0]
    data[at : at + length] = b"\xff" * length
    bucket.put("damaged.svs", bytes(data))
    large = svs("label", np.zeros((6000, 6000, 3), np.uint8), compression="zlib", rowsperstrip=500)
    bucket.put("large.svs", large)
    async with running(database_url, bucket.name, bucket.server.endpoint, **EXPOSED) as services:
        await wait_indexed(services.catalog, 2)
        refused = await services.http.get(image_url("damaged.svs", "label"))
        assert (refused.status_code, refused.json()["error"]) == (500, "decode_error")
        refused = await services.http.get(image_url("large.svs", "label"))
        assert (refused.status_code, refused.json()["error"]) == (415, "unsupported_format")


async def test_of_a_replaced_slide_the_new_label_is_shown(bucket: Bucket, database_url: str) -> None:
    bucket.put("a.svs", svs("label", np.full((60, 80, 3), (200, 30, 30), np.uint8), compression="lzw"))
    async with running(database_url, bucket.name, bucket.server.endpoint, **EXPOSED) as services:
        await wait_indexed(services.catalog, 1)
        assert (await services.http.get("/slides/a.svs")).status_code == 200
        bucket.put("a.svs", svs("label", np.full((70, 90, 3), (30, 30, 200), np.uint8), compression="lzw"))
        for _ in range(50):
            answer = await services.http.get(image_url("a.svs", "label"))
            if answer.status_code == 200:
                break
            assert answer.status_code in (409, 503), answer.text
        shown = decoded(answer)
        assert shown.shape == (70, 90, 3)
        assert np.abs(shown - (30, 30, 200)).mean() < 3
