"""/grants: hand out, list and revoke grants. The same routes on the admin port and, for identities, on the public one."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from litestar import Request, delete, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, Parameter
from litestar.status_codes import HTTP_415_UNSUPPORTED_MEDIA_TYPE

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.grants.grants import Grants, check_may_grant
from wsi_streamer.access.grants.recorded import Acts, RecordedGrants
from wsi_streamer.access.query import parse_query
from wsi_streamer.slides.errors import Forbidden, InvalidRequest
from wsi_streamer.web.grant_models import (
    ErrorShown,
    GrantList,
    GrantMade,
    GrantRequest,
    GrantShown,
    listed,
    made,
    shown,
)
from wsi_streamer.web.same_origin import check_same_origin

AnyConnection = ASGIConnection[Any, Any, Any, Any]
AnyRequest = Request[Any, Any, Any]

MAX_BODY_BYTES = 16 * 1024
DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
_MAX_DIGITS = 10

_UNAVAILABLE = "catalog_unavailable or audit_unavailable, with Retry-After"
_ERRORS = {
    400: "invalid_request: the message says what is wrong",
    401: "unauthorized",
    403: "forbidden: not this caller, or not this grant",
    503: _UNAVAILABLE,
}
_MISSING = {404: "not_found: no such slide or grant, or someone else's grant"}
_BODY = {413: "too_large", 415: "unsupported_media_type: a body is application/json"}


def grant_handlers(
    grants: Grants,
    caller_of: Callable[[AnyConnection], Awaitable[Caller]],
    audit: Acts,
    *,
    address_of: Callable[[AnyConnection], str],
    public_url: str | None,
    now: Callable[[], float] = time.time,
) -> list[Any]:
    """Litestar handlers.

    Args:
        grants: of this process.
        caller_of: who asks; raises an error of the API where nobody may.
        audit: where each grant that is made or revoked is recorded, and each refusal.
        address_of: the client's address behind proxies; empty: unknown.
        public_url: what users reach the viewer by; None: links are paths.
        now: unix seconds.
    """
    recorded = RecordedGrants(grants, audit)

    # Guards run before a body is read.
    async def may_grant(connection: AnyConnection, _: BaseRouteHandler) -> None:
        caller = await caller_of(connection)
        try:
            if connection.scope["method"] != "GET":  # type: ignore[typeddict-item]
                check_same_origin(connection, public_url)
            check_may_grant(caller)
        except Forbidden as error:
            audit.deny(caller, address_of(connection), error.code, route="grants")
            raise
        if connection.scope["method"] == "POST":  # type: ignore[typeddict-item]
            _check_json(connection)
        connection.state.granting = caller

    common: dict[str, Any] = {
        "guards": [may_grant],
        "tags": ["grants"],
        "cache_control": CacheControlHeader(no_store=True),
    }

    @post(
        "/grants",
        summary="Make a grant",
        operation_id="createGrant",
        request_max_body_size=MAX_BODY_BYTES,
        responses=_specs(_ERRORS | _MISSING | _BODY),
        **common,
    )
    async def create(request: AnyRequest, data: JSONBody[GrantRequest]) -> GrantMade:
        issued = await recorded.issue(
            request.state.granting,
            address_of(request),
            slide=data.slide,
            prefix=data.prefix,
            expires_in=data.expires_in,
            expires_at=data.expires_at,
            permissions=data.permissions,
            networks=data.networks,
            note=data.note,
        )
        return made(issued, now(), public_url)

    @get("/grants", summary="List grants", operation_id="listGrants", responses=_specs(_ERRORS), **common)
    async def index(
        request: AnyRequest,
        limit: Annotated[str | None, Parameter(description="1 to 1000, clamped; 100 unless told.")] = None,
        cursor: Annotated[str | None, Parameter(description="``next_cursor`` of the page before.")] = None,
        active: Annotated[str, Parameter(description="1: only those that still hold.")] = "",
    ) -> GrantList:
        parse_query(request.scope["query_string"])  # refuses what is given twice
        await audit.act("grant-list", request.state.granting, address_of(request))
        page = await grants.listed(
            request.state.granting, cursor or None, _limit(limit), active=active in ("1", "true")
        )
        return listed(page, now())

    @get(
        "/grants/{grant_id:str}",
        summary="A grant",
        operation_id="getGrant",
        responses=_specs(_ERRORS | _MISSING),
        **common,
    )
    async def one(request: AnyRequest, grant_id: FromPath[str]) -> GrantShown:
        found = await grants.get(request.state.granting, grant_id)
        await audit.act("grant-read", request.state.granting, address_of(request), detail={"grant": found.id})
        return shown(found, now())

    @delete(
        "/grants/{grant_id:str}",
        summary="Revoke a grant",
        description="At once, for everyone who holds it. Again: nothing changes.",
        operation_id="revokeGrant",
        responses=_specs(_ERRORS | _MISSING),
        **common,
    )
    async def revoke(request: AnyRequest, grant_id: FromPath[str]) -> None:
        await recorded.revoke(request.state.granting, address_of(request), grant_id)

    return [create, index, one, revoke]


def _check_json(connection: AnyConnection) -> None:
    """A form of another site's page can be sent without asking; JSON can't."""
    kind = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException("Send the grant as application/json.", status_code=HTTP_415_UNSUPPORTED_MEDIA_TYPE)


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS):
        raise InvalidRequest("Invalid limit: it must be a whole number.")
    return min(MAX_LIMIT, max(1, int(text)))


def _specs(errors: dict[int, str]) -> dict[int, ResponseSpec]:
    return {
        status: ResponseSpec(ErrorShown, description=said, generate_examples=False) for status, said in errors.items()
    }
