"""The way into the admin API: who asks, in which role, and that it is on record."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from wsi_streamer.access.asked import Asked
from wsi_streamer.access.audit.audit import Audit
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.client_address import TrustedProxies
from wsi_streamer.access.gate import Refused
from wsi_streamer.access.permissions import Role
from wsi_streamer.indexer.admin_auth import AdminAuth
from wsi_streamer.indexer.polls import Polls
from wsi_streamer.slides.errors import AuditUnavailable, WsiError
from wsi_streamer.web.denials import Denials

AnyConnection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[AnyConnection, BaseRouteHandler], Awaitable[None]]


class AdminDesk:
    """Guards for handlers. They run before a body is read, and leave the caller in the request's state."""

    def __init__(self, auth: AdminAuth, audit: Audit, denials: Denials, proxies: TrustedProxies) -> None:
        self._auth = auth
        self._audit = audit
        self._denials = denials
        self._proxies = proxies
        self._polls = Polls(self._record_poll, time.monotonic)

    async def caller(self, connection: AnyConnection) -> Caller:
        """Who asks, in whatever role.

        Raises:
            WsiError: 401, 403, 429 or 503.
        """
        try:
            return await self._auth.caller(connection.headers)
        except WsiError as error:
            raise self._denials.of(error, self._asked(connection), route="admin") from None

    def needs(self, role: Role) -> Guard:
        """Only who has this role."""

        async def guard(connection: AnyConnection, _: BaseRouteHandler) -> None:
            caller = await self.caller(connection)
            if role not in caller.roles:
                error = Refused(f"This needs the role '{role}'.", caller, role)
                raise self._denials.of(error, self._asked(connection), route="admin")
            connection.state.caller = caller

        return guard

    async def sender(self, connection: AnyConnection, _: BaseRouteHandler) -> None:
        """Only who may send the object store's events. These are hints, many, and give nothing away: not on record."""
        try:
            self._auth.check_events(connection.headers, connection.path_params.get("token"))
        except WsiError as error:
            raise self._denials.of(error, self._asked(connection), route="events") from None

    async def record(
        self,
        connection: AnyConnection,
        action: str,
        detail: Mapping[str, str] | None = None,
        *,
        outcome: Literal["success", "failed"] = "success",
        slide_id: str | None = None,
        key: str | None = None,
    ) -> None:
        """Put what the caller is about to do on record.

        Raises:
            AuditUnavailable: it can't be.
        """
        caller, address = connection.state.caller, self.address(connection)
        await self._audit.act(action, caller, address, outcome=outcome, slide_id=slide_id, key=key, detail=detail)

    async def record_poll(self, connection: AnyConnection, action: str) -> None:
        """The same for what programs ask for again and again.

        Raises:
            AuditUnavailable: it can't be put on record.
        """
        await self._polls.call(action, connection.state.caller, self.address(connection))

    async def aclose(self) -> None:
        """Put on record what was only counted so far."""
        with contextlib.suppress(AuditUnavailable):
            await self._polls.aclose()

    async def _record_poll(self, action: str, caller: Caller, address: str, detail: dict[str, str]) -> None:
        await self._audit.act(action, caller, address, detail=detail or None)

    def address(self, connection: AnyConnection) -> str:
        """The client's address."""
        return self._asked(connection).address

    def _asked(self, connection: AnyConnection) -> Asked:
        return Asked.of(connection.scope, self._proxies)
