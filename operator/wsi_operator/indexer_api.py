"""The indexer's admin API, as far as the operator needs it."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp

PORT = 3001
"""Of its Service."""

MAX_ANSWER = 1024 * 1024
"""Bytes. Its image is whatever a resource names: it must not be able to fill this process, which is there for others, too."""

_TIMEOUT = aiohttp.ClientTimeout(total=5, sock_connect=1)


_HEADERS = {"User-Agent": "wsi-streamer-operator", "Accept-Encoding": "identity"}


class IndexerSilent(Exception):
    """It doesn't answer, or not as it should; the message says which, without addresses or tokens."""


@dataclass(frozen=True, slots=True)
class LastScan:
    """Of the bucket."""

    started_at: str
    """RFC 3339."""

    finished_at: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class IndexerStatus:
    """What the indexer told."""

    database: bool
    """Whether it reaches its database."""

    slides: Mapping[str, int]
    """How many slides are in which state: indexed, failed, unsupported, pending."""

    backlog: int
    """Jobs that wait or are worked on."""

    last_scan: LastScan | None


_NO_DATABASE = IndexerStatus(database=False, slides={}, backlog=0, last_scan=None)

_DATABASE_ERRORS = frozenset({"catalog_unavailable", "audit_unavailable"})
"""Codes of the API's errors. Who asks is put on record in the same database, at times before anything is read from it."""


class IndexerApi:
    """Asks over the Service of one resource; the connections are closed by ``aclose``."""

    def __init__(self, port: int = PORT) -> None:
        self._port = port
        self._session: aiohttp.ClientSession | None = None

    async def aclose(self) -> None:
        """Close what is open."""
        if self._session is not None:
            await self._session.close()

    async def status(self, cluster_ip: str, token: str) -> IndexerStatus:
        """The indexer at a glance.

        Raises:
            IndexerSilent: it can't be told. Not for a database that is down: that is told in the answer.
        """
        ready, _ = await self._call("GET", cluster_ip, "/ready", token)
        if ready != 200:
            return _NO_DATABASE
        status, told = await self._call("GET", cluster_ip, "/admin/status", token)
        if status == 503 and told.get("error") in _DATABASE_ERRORS:
            return _NO_DATABASE
        if status != 200:
            raise IndexerSilent(_refusal(status, told))
        try:
            return _status_of(told)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise IndexerSilent("The indexer's answer isn't understood: is its image much newer or older?") from error

    async def reindex(self, cluster_ip: str, token: str, request: str) -> None:
        """Ask for all slides to be indexed again; the indexer answers once that is on record. Asked again with the same name
        ``request``, it does nothing more.

        Raises:
            IndexerSilent: it did not say yes.
        """
        status, told = await self._call("POST", cluster_ip, "/admin/reindex", token, {"all": True, "request": request})
        if status != 202:
            raise IndexerSilent(_refusal(status, told))

    async def _call(
        self, method: str, cluster_ip: str, path: str, token: str, body: Mapping[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT, headers=_HEADERS, auto_decompress=False)
        url = f"http://{_host(cluster_ip)}:{self._port}{path}"
        headers = {"Authorization": f"Bearer {token}"}
        try:
            async with self._session.request(method, url, headers=headers, json=body, allow_redirects=False) as answer:
                return answer.status, _json(await _bounded(answer))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise IndexerSilent("The indexer's admin API doesn't answer") from error


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    found = bytearray()
    async for chunk in answer.content.iter_chunked(65_536):
        found += chunk
        if len(found) > MAX_ANSWER:
            raise IndexerSilent("The indexer's answer is too long to be one")
    return bytes(found)


def _json(raw: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _status_of(told: Mapping[str, Any]) -> IndexerStatus:
    scan = told["last_scan"]
    return IndexerStatus(
        database=True,
        slides={str(state): _count(count) for state, count in told["slides"].items()},
        backlog=_count(told["backlog"]),
        last_scan=None if scan is None else LastScan(
            _time(scan["started_at"]), None if scan["finished_at"] is None else _time(scan["finished_at"]),
            None if scan["error"] is None else str(scan["error"]),
        ),
    )  # fmt: skip


def _count(value: object) -> int:
    """As the status' schema takes it."""
    if not isinstance(value, int) or not 0 <= value < 2**53:
        raise ValueError("not a count")
    return value


def _time(value: object) -> str:
    found = datetime.fromisoformat(str(value))
    if found.tzinfo is None:
        raise ValueError("a time without a zone")
    return str(value)


def _refusal(status: int, told: Mapping[str, Any]) -> str:
    if status in (401, 403):
        return "The indexer doesn't take the operator's token yet: its pods still have an older one"
    return f"The indexer's admin API answers {status}"


def _host(address: str) -> str:
    return f"[{address}]" if ipaddress.ip_address(address).version == 6 else address
