"""https with an authority of one's own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.objectstore.conftest import OpenStore
from tests.support.needs import missing
from tests.support.s3server import S3Server
from wsi_streamer.objectstore.config import StoreConfig
from wsi_streamer.objectstore.errors import StoreRefused, StoreUnreachable

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")  # boto3 uploads here without the authority


@dataclass(frozen=True, slots=True)
class Secure:
    """A server with a certificate for 127.0.0.1, and the authority that signed it."""

    server: S3Server
    authority: Path
    other_authority: Path


def _openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def _authority(folder: Path, name: str) -> tuple[Path, Path]:
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    _openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 2, "-subj", f"/CN={name}",
             "-addext", "keyUsage=critical,keyCertSign", "-keyout", key, "-out", certificate)  # fmt: skip
    return key, certificate


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    if shutil.which("openssl") is None:
        missing("openssl (makes certificates)")
    folder = tmp_path_factory.mktemp("tls")
    ca_key, ca = _authority(folder, "hospital")
    _, other = _authority(folder, "other")
    key, request, certificate = folder / "s.key", folder / "s.csr", folder / "s.pem"
    _openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=s3", "-keyout", key, "-out", request)
    extension = folder / "san"
    extension.write_text("subjectAltName=IP:127.0.0.1\n")
    _openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-days", 2,
             "-extfile", extension, "-out", certificate)  # fmt: skip
    server = S3Server.start(folder / "objects", options=["--cert", str(certificate), "--key", str(key)])
    yield Secure(server, ca, other)
    server.stop()


@pytest.fixture(autouse=True)
def _credentials(secure: Secure, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in secure.server.env.items():
        monkeypatch.setenv(name, value)


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
async def test_a_private_authority_is_trusted_where_it_is_named(secure: Secure, open_store: OpenStore) -> None:
    client = secure.server.client()
    client.create_bucket(Bucket="tls")
    client.put_object(Bucket="tls", Key="a.svs", Body=bytes(1000) + b"0123456789")
    store = await open_store(StoreConfig("tls", secure.server.endpoint, ca_bundle=secure.authority))
    found = await store.head("a.svs")
    assert await store.get_range("a.svs", 1002, 3, etag=found.etag) == b"234"


@pytest.mark.parametrize("bundle", [None, "other_authority"])
async def test_a_stranger_is_refused_at_once_and_the_option_is_named(
    secure: Secure, open_store: OpenStore, bundle: str | None
) -> None:
    authority = None if bundle is None else getattr(secure, bundle)
    seen: list[int | None] = []

    class Observer:
        def s3_request(self, operation: str, status: int | None, bytes_received: int, seconds: float) -> None:
            seen.append(status)

    store = await open_store(StoreConfig("tls", secure.server.endpoint, ca_bundle=authority), Observer())
    with pytest.raises(StoreUnreachable, match="--s3-ca-bundle"):
        await store.check_bucket()
    assert seen == [None]


async def test_a_name_that_is_not_in_the_certificate_is_refused(secure: Secure, open_store: OpenStore) -> None:
    endpoint = secure.server.endpoint.replace("127.0.0.1", "localhost")
    store = await open_store(StoreConfig("tls", endpoint, ca_bundle=secure.authority))
    with pytest.raises(StoreUnreachable, match="not trusted"):
        await store.check_bucket()


async def test_http_and_https_mixed_up_end_soon(secure: Secure, open_store: OpenStore) -> None:
    endpoint = secure.server.endpoint.replace("https", "http")
    store = await open_store(StoreConfig("tls", endpoint, timeout=5))
    with pytest.raises((StoreUnreachable, StoreRefused)):
        await store.check_bucket()


async def test_an_authority_that_cannot_be_read_is_said_so(tmp_path: Path, open_store: OpenStore) -> None:
    (tmp_path / "garbage.pem").write_text("no certificate")
    for name in ("garbage.pem", "absent.pem"):
        with pytest.raises(StoreRefused, match="CA bundle"):
            await open_store(StoreConfig("b", "https://127.0.0.1:9", ca_bundle=tmp_path / name))
