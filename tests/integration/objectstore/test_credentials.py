"""Temporary credentials are renewed while the store is in use, off the hot path."""

from __future__ import annotations

import asyncio
import datetime
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.objectstore.conftest import OpenStore
from wsi_streamer.objectstore import credentials as module
from wsi_streamer.objectstore.config import StoreConfig
from wsi_streamer.objectstore.credentials import CredentialSource
from wsi_streamer.objectstore.errors import AccessDenied

_VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
)


@pytest.fixture(autouse=True)
def _nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@dataclass(slots=True)
class Agent:
    """What hands out credentials to containers (ECS, EKS pod identity)."""

    calls: int = 0
    lifetime: float = 3600.0
    failing: bool = False
    slow: float = 0.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.calls += 1
        await asyncio.sleep(self.slow)
        end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=self.lifetime)
        body = json.dumps(
            {
                "AccessKeyId": f"AKID{self.calls}",
                "SecretAccessKey": "secret",
                "Token": f"token{self.calls}",
                "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
        ).encode()
        status = "500 No" if self.failing else "200 OK"
        writer.write(f"HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()


@pytest.fixture
async def agent(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Agent]:
    agent = Agent()
    server = await asyncio.start_server(agent.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"http://127.0.0.1:{port}/creds")
    monkeypatch.setattr(module, "REFRESH_SECONDS", 0.1)
    yield agent
    server.close()


async def test_lasting_ones_are_fetched_once(agent: Agent) -> None:
    source = await CredentialSource.open()
    await asyncio.sleep(0.5)
    assert agent.calls == 1
    assert (source.current.access_key, source.current.token) == ("AKID1", "token1")
    await source.aclose()


async def test_those_that_end_soon_are_renewed_before_they_do(agent: Agent) -> None:
    agent.lifetime = 300
    source = await CredentialSource.open()
    async with asyncio.timeout(5):
        while source.current.token == "token1":  # noqa: ASYNC110 - nobody tells when
            await asyncio.sleep(0.05)
    assert source.current.token == f"token{source.current.access_key.removeprefix('AKID')}", "never half a set"
    await source.aclose()


async def test_a_slow_agent_does_not_hold_the_loop(agent: Agent) -> None:
    agent.lifetime = 300
    source = await CredentialSource.open()
    agent.slow, agent.lifetime = 0.5, 3600
    longest, last = 0.0, asyncio.get_running_loop().time()
    for _ in range(100):
        await asyncio.sleep(0.01)
        now = asyncio.get_running_loop().time()
        longest, last = max(longest, now - last), now
    assert agent.calls >= 2
    assert longest < 0.3
    await source.aclose()


async def test_a_credential_process_that_fails_for_a_while_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it raises is not botocore's alone; the old credentials stay in use."""
    monkeypatch.setattr(module, "REFRESH_SECONDS", 0.05)
    count = tmp_path / "count"
    script = tmp_path / "process.py"
    script.write_text(
        "import datetime, json, pathlib, sys\n"
        f"count = pathlib.Path({str(count)!r})\n"
        "n = int(count.read_text()) + 1 if count.exists() else 1\n"
        "count.write_text(str(n))\n"
        "if n == 3: sys.exit('down')\n"
        "if n == 4: print('no json'); sys.exit()\n"
        "end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=5)\n"
        "print(json.dumps({'Version': 1, 'AccessKeyId': f'AKID{n}', 'SecretAccessKey': 's', 'SessionToken': 't',\n"
        "                  'Expiration': end.isoformat()}))\n"
    )
    (tmp_path / "config").write_text(f"[default]\ncredential_process = {sys.executable} {script}\n")
    source = await CredentialSource.open()
    assert source.current.access_key == "AKID2", "short-lived ones are renewed at once"
    async with asyncio.timeout(20):
        while source.current.access_key == "AKID2":  # noqa: ASYNC110 - nobody tells when
            await asyncio.sleep(0.05)
    assert int(count.read_text()) >= 5
    await source.aclose()


async def test_a_process_that_prints_no_credentials_is_one_clear_line_without_what_it_printed(
    tmp_path: Path, open_store: OpenStore
) -> None:
    (tmp_path / "config").write_text("[default]\ncredential_process = echo hunter2\n")
    with pytest.raises(AccessDenied, match="credentials can't be read") as caught:
        await open_store(StoreConfig("b"))
    assert "hunter2" not in caught.value.message


async def test_a_profile_that_does_not_exist_is_one_clear_line(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(AccessDenied, match="nobody"):
        await open_store(StoreConfig("b"))
