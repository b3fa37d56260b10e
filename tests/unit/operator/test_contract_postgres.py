"""A CA bundle for Postgres is named to the driver by two variables of its own: that it goes by them is held to here."""

from __future__ import annotations

import asyncio
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.unit.operator.samples import INGRESS, streamer_of
from wsi_operator.resources.environment import environment
from wsi_operator.resources.labels import Component
from wsi_streamer.catalog.database import Database
from wsi_streamer.slides.errors import CatalogUnavailable

SSL_REQUEST = struct.pack("!ii", 8, 80877103)


def _certificate() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hospital")])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    return built.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


async def _first_messages(url_parameters: str) -> list[bytes]:
    """What a server that has no TLS is sent."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.read(8))
        writer.write(b"N")  # no TLS here
        seen.append((await reader.read(64))[4:8])
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(CatalogUnavailable):
            await Database.connect(f"postgresql://user:password@127.0.0.1:{port}/wsi{url_parameters}")
    return seen


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables of a pod whose spec names a bundle, with a file in place."""
    file = tmp_path / "ca.crt"
    file.write_bytes(_certificate())
    for entry in environment(streamer_of(INGRESS), Component.TILES):
        if entry["name"].startswith("PGSSL"):
            monkeypatch.setenv(entry["name"], entry["value"].replace("/etc/wsi-streamer/ca/database/ca.crt", str(file)))


@pytest.mark.usefixtures("bundle")
async def test_with_a_bundle_nothing_is_said_to_a_server_without_tls() -> None:
    seen = await _first_messages("")
    assert seen
    assert seen[0] == SSL_REQUEST
    assert set(seen) <= {SSL_REQUEST, b""}, "no start-up message, which names user and database"


@pytest.mark.usefixtures("bundle")
async def test_what_the_url_says_counts_more() -> None:
    seen = await _first_messages("?sslmode=disable")
    assert seen
    assert SSL_REQUEST not in seen


async def test_without_a_bundle_the_driver_decides() -> None:
    seen = await _first_messages("")
    assert seen[:2] == [SSL_REQUEST, struct.pack("!i", 196608)], "it would take TLS, and goes on without"
