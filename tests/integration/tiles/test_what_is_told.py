"""What GET /slides/{id} tells of real slides to who holds no permission but to see them."""

from __future__ import annotations

from tests.support.in_process import running, wait_indexed
from tests.support.s3server import Bucket
from tests.support.slides import real_slide


async def test_of_a_real_slide_nothing_is_told_that_a_person_wrote(bucket: Bucket, database_url: str) -> None:
    bucket.put("case/a.svs", real_slide("CMU-1-Small-Region.svs"))
    async with running(database_url, bucket.name, bucket.server.endpoint) as services:
        await wait_indexed(services.catalog, 1)
        answer = await services.http.get("/slides/case%2Fa.svs")
        told = answer.json()
        opened = await services.catalog.slides.open("case/a.svs")
        assert opened is not None
        assert opened.slide is not None
        assert told["properties"] == {
            "aperio.AppMag": "20", "aperio.StripeWidth": "2040", "aperio.MPP": "0.4990", "aperio.Left": "25.691574",
            "aperio.Top": "23.449873", "aperio.LineCameraSkew": "-0.000424", "aperio.LineAreaXOffset": "0.019265",
            "aperio.LineAreaYOffset": "-0.000313", "aperio.Focus Offset": "0.000000", "aperio.OriginalWidth": "46000",
            "aperio.Filtered": "5", "aperio.OriginalHeight": "32914",
        }  # fmt: skip
        assert (told["scanner"], told["acquired"], told["associated_images"]) == (None, None, ["thumbnail"])
        assert (told["key"], told["slide_id"]) == ("case/a.svs", "case/a.svs")
        page = (await services.http.get("/view/case%2Fa.svs")).text
        assert opened.slide.scanner is not None
        assert opened.slide.acquired is not None
        for secret in (
            opened.slide.scanner,
            opened.slide.acquired,
            "b414003d",
            "1004486",
            "CPAPERIOCS",
            "CMU-1",
            "USM",
        ):
            assert secret not in answer.text
            assert secret not in page


async def test_what_is_exposed_is_named(bucket: Bucket, database_url: str) -> None:
    bucket.put("a.svs", real_slide("CMU-1-Small-Region.svs"))
    async with running(database_url, bucket.name, bucket.server.endpoint, expose_macro=True) as services:
        await wait_indexed(services.catalog, 1)
        assert (await services.http.get("/slides/a.svs")).json()["associated_images"] == ["macro", "thumbnail"]
        assert (await services.http.get("/slides/a.svs/associated-images/macro")).status_code == 200
        assert (await services.http.get("/slides/a.svs/associated-images/label")).status_code == 403
