"""Making and revoking grants, each on record."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Literal, Protocol, Unpack

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.grants.grant import Grant, Issued
from wsi_streamer.access.grants.grants import Grants
from wsi_streamer.access.grants.wish import Asked
from wsi_streamer.slides.errors import Forbidden, WsiError


class Acts(Protocol):
    """The audit log, as far as it is needed here."""

    async def act(
        self,
        action: str,
        caller: Caller,
        address: str,
        *,
        outcome: Literal["success", "refused", "failed"] = "success",
        slide_id: str | None = None,
        key: str | None = None,
        detail: Mapping[str, str] | None = None,
    ) -> None:
        """Record an act before it returns; raises AuditUnavailable where that can't be done and must be."""

    def deny(
        self, caller: Caller | None, address: str, code: str, *, slide_id: str | None = None, route: str = ""
    ) -> None:
        """Record a refusal, soon."""


class RecordedGrants:
    """`Grants` with an audit log. ``address`` is that of the client, empty where it is unknown."""

    def __init__(self, grants: Grants, acts: Acts) -> None:
        self._grants = grants
        self._acts = acts

    async def issue(self, by: Caller, address: str, **asked: Unpack[Asked]) -> Issued:
        """Make a grant. Where it can't be recorded it is revoked again, and its token never leaves this place.

        Raises:
            AuditUnavailable: it can't be recorded.
            WsiError: as `Grants.issue`.
        """
        try:
            issued = await self._grants.issue(by, **asked)
        except Forbidden as error:
            self._acts.deny(by, address, error.code, route="grants")
            raise
        grant = issued.grant
        try:
            await self._acts.act(
                "grant-create", by, address, slide_id=grant.slide_id, key=issued.slide_key, detail=_detail(grant)
            )
        except WsiError:
            with contextlib.suppress(WsiError):
                await self._grants.revoke(by, grant.id)
            raise
        return issued

    async def revoke(self, by: Caller, address: str, grant_id: str) -> None:
        """End a grant, whether that can be recorded or not. Doing so again is recorded again: the first time, the record
        may have failed.

        Raises:
            AuditUnavailable: it is revoked, but that can't be recorded.
            WsiError: as `Grants.revoke`.
        """
        grant = await self._grants.revoke(by, grant_id)
        again = {} if grant.revoked_at is None else {"revoked before": grant.revoked_at.isoformat()}
        await self._acts.act("grant-revoke", by, address, slide_id=grant.slide_id, detail={**_detail(grant), **again})


def _detail(grant: Grant) -> dict[str, str]:
    detail = {
        "grant": grant.id,
        "expires": grant.expires_at.isoformat(),
        "permissions": ",".join(grant.shown_permissions()),
    }
    if grant.prefix is not None:
        detail["prefix"] = grant.prefix
    if grant.networks:
        detail["networks"] = ",".join(str(network) for network in grant.networks)
    if grant.note is not None:
        detail["note"] = grant.note
    return detail
