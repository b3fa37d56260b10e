"""Requests to the API server."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
import kopf

from wsi_operator.kube.address import Address
from wsi_operator.kube.errors import ApiError, NotFound, Unauthorized, Unreachable, error_of
from wsi_operator.kube.login import NoCredentials, login

Object = dict[str, Any]
"""An object as the API writes it in JSON."""

_TIMEOUT = aiohttp.ClientTimeout(total=20, sock_connect=5)
_LOGIN_SECONDS = 60.0
_LIST_CHUNK = 500


class KubeClient:
    """Get, list, apply, create, patch and delete; ``async with`` closes its connections.

    Every method raises an ``ApiError`` that tells what the server said.
    """

    def __init__(self, credentials: Callable[[], kopf.ConnectionInfo] = login) -> None:
        self._credentials = credentials
        self._info: kopf.ConnectionInfo | None = None
        self._read_at = 0.0
        self._session: aiohttp.ClientSession | None = None
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> KubeClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, address: Address) -> Object:
        """One object."""
        return await self._call("GET", address.path)

    async def list(self, address: Address, labels: str = "", fields: str = "") -> tuple[Object, ...]:
        """The objects of a collection with these labels (a selector as ``kubectl -l`` takes it) and fields (as
        ``--field-selector`` does), as of now."""
        found: list[Object] = []
        selectors = {"labelSelector": labels, "fieldSelector": fields}
        query = {"limit": str(_LIST_CHUNK)} | {name: text for name, text in selectors.items() if text}
        while True:
            page = await self._call("GET", address.path, query)
            found += page.get("items") or []
            more = (page.get("metadata") or {}).get("continue")
            if not more:
                return tuple(found)
            query["continue"] = more

    async def apply(self, address: Address, manifest: Mapping[str, Any], *, manager: str, force: bool) -> Object:
        """Server-side apply. ``metadata.uid`` in the manifest makes it a condition: only that object, or Conflict."""
        query = {"fieldManager": manager, "force": "true" if force else "false", "fieldValidation": "Strict"}
        return await self._call("PATCH", address.path, query, manifest, "application/apply-patch+yaml")

    async def create(self, address: Address, manifest: Mapping[str, Any], *, manager: str) -> Object:
        """A new object in a collection; Conflict when the name is taken."""
        return await self._call("POST", address.path, {"fieldManager": manager}, manifest)

    async def merge_patch(self, address: Address, patch: Mapping[str, Any], *, manager: str) -> Object:
        """RFC 7386; ``metadata.resourceVersion`` in the patch makes it a condition."""
        return await self._call("PATCH", address.path, {"fieldManager": manager}, patch, "application/merge-patch+json")

    async def delete(self, address: Address, *, uid: str) -> None:
        """Delete the object if it still is the one with this uid, and in the background what it owns."""
        body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Background",
            "preconditions": {"uid": uid},
        }
        await self._call("DELETE", address.path, {}, body)

    async def resources(self, api_version: str) -> frozenset[str]:
        """The plurals that the cluster serves under a group and version; empty when it doesn't know them."""
        try:
            found = await self._call("GET", ("/apis/" if "/" in api_version else "/api/") + api_version)
        except NotFound:
            return frozenset()
        return frozenset(str(resource["name"]) for resource in found.get("resources") or [])

    async def _call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        content_type: str = "application/json",
    ) -> Object:
        try:
            return await self._once(method, path, query, body, content_type)
        except Unauthorized:
            self._read_at = 0.0  # the token file may just have been replaced
            return await self._once(method, path, query, body, content_type)

    async def _once(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
        content_type: str,
    ) -> Object:
        session, info = await self._connected()
        headers = {"Accept": "application/json", **info.as_http_headers()}
        data = None
        if body is not None:
            headers["Content-Type"] = content_type
            data = json.dumps(body)
        try:
            async with session.request(
                method, info.server.rstrip("/") + path, params=query, data=data, headers=headers, timeout=_TIMEOUT
            ) as answer:
                raw = await answer.read()
                if answer.status >= 400:
                    raise error_of(answer.status, raw, answer.headers.get("Retry-After"))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if isinstance(error, aiohttp.ClientSSLError):
                self._info = None  # the cluster's CA may have been replaced: the next request connects anew
            raise Unreachable(f"The API server doesn't answer: {error or type(error).__name__}") from error
        try:
            parsed = json.loads(raw)
        except ValueError as error:
            raise ApiError("The API server's answer isn't JSON") from error
        if not isinstance(parsed, dict):
            raise ApiError("The API server's answer isn't an object")
        return parsed

    async def _connected(self) -> tuple[aiohttp.ClientSession, kopf.ConnectionInfo]:
        async with self._lock:
            now = time.monotonic()
            if self._info is None or self._session is None or now - self._read_at > _LOGIN_SECONDS:
                info = await self._login()
                if self._session is None or self._info is None or _needs_new_session(self._info, info):
                    await self._reconnect(info)
                self._info, self._read_at = info, now
            assert self._session is not None  # noqa: S101 - for the type checker
            return self._session, self._info

    async def _login(self) -> kopf.ConnectionInfo:
        try:
            return await asyncio.to_thread(self._credentials)
        except NoCredentials as error:
            raise Unauthorized(str(error)) from error

    async def _reconnect(self, info: kopf.ConnectionInfo) -> None:
        old = self._session
        connector = aiohttp.TCPConnector(limit=16, ssl=await asyncio.to_thread(info.as_ssl_context))
        self._session = aiohttp.ClientSession(
            connector=connector, headers={"User-Agent": "wsi-streamer-operator"}, proxy=info.proxy_url
        )
        if old is not None:
            # Requests under way on the old connections may finish first.
            asyncio.get_running_loop().call_later(30, lambda: asyncio.ensure_future(old.close()))


def _needs_new_session(old: kopf.ConnectionInfo, new: kopf.ConnectionInfo) -> bool:
    """Tokens travel in each request; the rest belongs to the connection."""
    return _transport(old) != _transport(new)


def _transport(info: kopf.ConnectionInfo) -> tuple[object, ...]:
    return (
        info.server, info.ca_path, info.ca_data, info.insecure, info.certificate_path, info.certificate_data,
        info.private_key_path, info.private_key_data, info.proxy_url,
    )  # fmt: skip
