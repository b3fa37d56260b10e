from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.cli.process import environment, run
from tests.integration.cli.slides import small_slide
from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.s3server import Bucket
from wsi_streamer.cli.store_probe import find_sample, honours_if_match, honours_range
from wsi_streamer.objectstore.config import StoreConfig
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.slides.errors import StorageError


def test_a_fit_store_passes(bucket: Bucket, data_dir: Path) -> None:
    bucket.put("a/one.tif", small_slide())
    bucket.put("readme.txt", b"hello")
    env = environment(bucket, data_dir)
    done = run("check", f"s3://{bucket.name}", "--list-slides", "--test-slide", "a/one.tif", env=env)
    assert done.returncode == 0, done
    assert done.stdout.endswith("✓ All checks passed!\n")
    assert "  a/one.tif\n" in done.stdout
    assert "Total: 1 slide(s)" in done.stdout
    assert "level 1: 350 x 250 px" in done.stdout
    assert "(Range)" in done.stdout
    assert "(If-Match)" in done.stdout
    assert "readme" not in done.stdout
    assert done.stderr == ""


def test_an_empty_bucket_passes_and_says_what_was_not_tried(bucket: Bucket, data_dir: Path) -> None:
    done = run("check", bucket.name, "--list-slides", env=environment(bucket, data_dir))
    assert done.returncode == 0
    assert "– Range and If-Match: not tried" in done.stdout
    assert "All checks passed" in done.stdout


@pytest.mark.parametrize(
    ("args", "env", "words"),
    [
        (["no-such-bucket"], {}, "✗ Bucket can be listed: The bucket does not exist"),
        ([], {"AWS_SECRET_ACCESS_KEY": "wrong"}, "✗ Bucket can be listed: The object store denies access"),
        ([], {"WSI_S3_ENDPOINT": "http://127.0.0.1:1"}, "✗ Bucket can be listed: The object store can't be reached"),
        (["--test-slide", "nix.svs"], {}, "✗ Slide: there is no such object"),
        (["--test-slide", "bad.svs"], {}, "✗ Slide: it would be refused: "),
    ],
)
def test_what_fails_is_told(bucket: Bucket, data_dir: Path, args: list[str], env: dict[str, str], words: str) -> None:
    bucket.put("bad.svs", b"nonsense")
    args = args if args and not args[0].startswith("-") else [bucket.name, *args]
    done = run("check", *args, env=environment(bucket, data_dir) | env)
    assert done.returncode == 1
    assert words in done.stdout
    assert "All checks passed" not in done.stdout
    assert "Traceback" not in done.stderr


async def test_stores_that_ignore_what_is_needed_are_found_out(bucket: Bucket, fault_proxy: FaultProxy) -> None:
    bucket.put("a.tif", small_slide())
    store = await ObjectStore.open(StoreConfig(bucket.name, fault_proxy.endpoint))
    try:
        sample = await find_sample(store, "")
        assert sample is not None
        await honours_range(store, sample)
        await honours_if_match(store, sample)
        fault_proxy.faults = [Fault(replace_status=200)]
        with pytest.raises(StorageError, match="range"):
            await honours_range(store, sample)
        # As from a store that does not know If-Match: the bytes come, of another version than was asked for.
        fault_proxy.faults = [
            Fault(
                status=206,
                headers={"content-range": f"bytes 0-0/{sample.size}", "etag": sample.etag},
                body=b"x",
            )
        ]
        with pytest.raises(StorageError, match="If-Match"):
            await honours_if_match(store, sample)
    finally:
        await store.aclose()
