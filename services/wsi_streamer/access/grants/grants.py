"""Issuing, listing, revoking grants, and knowing whether one still holds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Unpack

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.client_address import is_within
from wsi_streamer.access.grants.grant import Grant, GrantPage, Issued
from wsi_streamer.access.grants.memory import CAPACITY, Memory
from wsi_streamer.access.grants.token import mint, new_grant_id, read
from wsi_streamer.access.grants.wish import Asked, Wish
from wsi_streamer.access.permissions import Permission, Role
from wsi_streamer.access.scope import Scope
from wsi_streamer.access.signing_keys import SigningKeys
from wsi_streamer.catalog.grants import GrantQueries
from wsi_streamer.catalog.notifications import GRANTS_CHANNEL, Listener
from wsi_streamer.slides.errors import Forbidden, InvalidRequest, NotFound, RightEnded, Unauthorized
from wsi_streamer.slides.ids import is_slide_id

_NOT_COVERED = "You can't grant what you may not see or do yourself."


@dataclass(frozen=True, slots=True)
class _Right:
    """A grant, and its caller: the same object for each request that shows it."""

    grant: Grant
    caller: Caller


class Grants:
    """The grants of one source. What a worker knows of one is at most 30 s old, 300 s while the database is away.

    Args:
        queries: the catalog's.
        keys: what tokens are signed with; without any none can be made.
        max_seconds: for how long a grant may last.
        now: unix seconds.
        clock: seconds that never go back, for ages.
    """

    def __init__(
        self,
        queries: GrantQueries,
        keys: SigningKeys,
        max_seconds: float,
        now: Callable[[], float],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queries = queries
        self._keys = keys
        self._max_seconds = max_seconds
        self._now = now
        self._memory: Memory[_Right] = Memory(self._load, clock)
        # Of tokens that proved right alone. Not for how long they hold: that is the grant's own to say.
        self._id_of = lru_cache(CAPACITY)(lambda token: read(keys, token, now())[0])

    # -- those who hold one -----------------------------------------------------------------------------------------

    async def caller_of_token(self, token: str, address: str) -> Caller:
        """Whoever shows a token, from an address (empty: unknown).

        Raises:
            Unauthorized: not a token of ours, expired or revoked.
            Forbidden: the grant is not for that network.
            CatalogUnavailable: it can't be known whether the grant still holds.
        """
        return await self.caller(self._id_of(token), address)

    async def caller(self, grant_id: str, address: str) -> Caller:
        """The holder of a grant. Only for an id that was read from a token or a session of ours, whose MAC proved right.

        Raises:
            Unauthorized: the grant has expired, or been revoked, or is not known.
            Forbidden: the grant is not for that network.
            CatalogUnavailable: it can't be known whether the grant still holds.
        """
        right = await self._memory.get(grant_id)
        if right is None:
            raise Unauthorized("The grant is not known here. Ask for a new link.")
        grant = right.grant
        if grant.revoked_at is not None:
            raise RightEnded("The grant has been revoked. Ask for a new link.")
        if self._now() >= grant.expires:
            raise RightEnded("The grant has expired. Ask for a new link.")
        if grant.networks and not is_within(address, grant.networks):
            raise Forbidden("The grant does not hold for the network that you are in.")
        return right.caller

    # -- those who make them ----------------------------------------------------------------------------------------

    async def issue(self, by: Caller, **asked: Unpack[Asked]) -> Issued:
        """Make a grant. It may outlast the right of the one who makes it, which may be a token of minutes.

        Raises:
            Forbidden: the caller may grant nothing, or not that.
            InvalidRequest: what is asked can't be read, or ends too late.
            NotFound: the catalog has no such slide.
            CatalogUnavailable: Postgres can't be reached.
        """
        check_may_grant(by)
        if not self._keys:
            raise InvalidRequest("Grants need a secret that signs them: set WSI_SIGNING_KEYS or WSI_AUTH_SECRET.")
        wish = Wish.of(asked, now=self._now(), max_seconds=self._max_seconds)
        if not is_admin(by) and not all(by.may(one) for one in wish.permissions):
            raise Forbidden(_NOT_COVERED)
        slide_id, key = await self._slide_for(by, wish)
        row = await self._queries.add(
            grant_id=new_grant_id(),
            slide_id=slide_id,
            prefix=wish.prefix,
            permissions=[one.value for one in Permission if one in wish.permissions],
            networks=[str(network) for network in wish.networks],
            note=wish.note,
            created_by=by.id,
            expires_at=datetime.fromtimestamp(wish.expires, UTC),
        )
        grant = Grant.of(row)
        return Issued(grant, mint(self._keys, grant.id, grant.expires), key)

    async def listed(self, by: Caller | None, cursor: str | None, limit: int, *, active: bool = False) -> GrantPage:
        """Newest first: all for an admin and for None (this machine itself), else those that the caller made.

        Raises:
            Forbidden: the caller may grant nothing.
            InvalidRequest: a cursor that this list did not give out.
            CatalogUnavailable: Postgres can't be reached.
        """
        if by is not None:
            check_may_grant(by)
        page = await self._queries.page(
            limit=limit,
            cursor=cursor,
            created_by=None if by is None or is_admin(by) else by.id,
            active_at=datetime.fromtimestamp(self._now(), UTC) if active else None,
        )
        return GrantPage([Grant.of(row) for row in page.rows], page.next_cursor)

    async def get(self, by: Caller, grant_id: str) -> Grant:
        """One that the caller may list.

        Raises:
            Forbidden: the caller may grant nothing.
            NotFound: there is none, or it is someone else's.
            CatalogUnavailable: Postgres can't be reached.
        """
        check_may_grant(by)
        row = await self._queries.get(grant_id)
        if row is None or not (is_admin(by) or row.created_by == by.id):
            raise NotFound("No such grant.")
        return Grant.of(row)

    async def revoke(self, by: Caller, grant_id: str) -> Grant:
        """End a grant; one that has been revoked before stays as it is. Returns it as it was before. Workers that listen
        know at once, others within 30 s.

        Raises:
            Forbidden, NotFound, CatalogUnavailable: as `get`.
        """
        grant = await self.get(by, grant_id)
        await self._queries.revoke(grant.id, by.id)
        self._memory.forget(grant.id)
        return grant

    # -- remembering ------------------------------------------------------------------------------------------------

    def forget(self, grant_id: str) -> None:
        """A grant has been revoked; the empty id: any may have been."""
        if grant_id:
            self._memory.forget(grant_id)
        else:
            self._memory.doubt_all()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear of revocations from now on; returns what ends that."""
        return listener.subscribe(GRANTS_CHANNEL, self._on_notify)

    async def aclose(self) -> None:
        """Stop what is being asked."""
        await self._memory.aclose()

    def _on_notify(self, payload: str) -> None:
        source, _, grant_id = payload.partition(":")
        if not payload or source == str(self._queries.source_id):
            self.forget(grant_id)

    async def _load(self, grant_id: str) -> _Right | None:
        row = await self._queries.get(grant_id)
        if row is None:
            return None
        grant = Grant.of(row)
        return _Right(grant, grant.caller())

    async def _slide_for(self, by: Caller, wish: Wish) -> tuple[str | None, str | None]:
        """The slide's id and key, None for a prefix. Whether a slide outside the caller's scope exists is not told."""
        if wish.slide is None:
            if not is_admin(by) and not by.scope.covers(Scope((wish.prefix or "",))):
                raise Forbidden(_NOT_COVERED)
            if not wish.prefix and not is_admin(by):
                raise Forbidden("Only an administrator can grant every slide.")
            return None, None
        found = await self._queries.slide(wish.slide)
        as_id = is_slide_id(wish.slide)
        slide_id, key = found or ((wish.slide, None) if as_id else (None, wish.slide))
        if not is_admin(by) and not by.scope.holds(slide_id, key):
            raise Forbidden(_NOT_COVERED)
        if found is None:
            raise NotFound("The catalog has no such slide. It may not have been scanned yet.")
        return found


def is_admin(by: Caller) -> bool:
    """Whether a caller may grant anything, and sees all grants."""
    return Role.ADMIN in by.roles


def check_may_grant(by: Caller) -> None:
    """Check that a caller may have to do with grants at all. One that holds a grant never may, whatever it says.

    Raises:
        Forbidden: it may not.
    """
    if by.kind == "grant" or not (is_admin(by) or by.may(Permission.GRANT)):
        raise Forbidden("This needs the permission 'grant', or the role 'admin'.")
