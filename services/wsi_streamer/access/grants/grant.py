"""A grant, and the one who holds it as a caller."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from datetime import datetime

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.client_address import Network
from wsi_streamer.access.permissions import GRANTABLE, Permission
from wsi_streamer.access.scope import Scope
from wsi_streamer.catalog.grants import GrantRow


@dataclass(frozen=True, slots=True)
class Grant:
    """A right to one slide, or to all whose keys begin with a prefix."""

    id: str
    slide_id: str | None
    prefix: str | None
    """None where it is about a slide; empty for every slide."""

    permissions: frozenset[Permission]
    networks: tuple[Network, ...]
    """Where its clients may be; empty: anywhere."""

    note: str | None
    created_by: str
    """The id of the caller (`Caller.id`) that made it."""

    created_at: datetime
    expires_at: datetime
    """A whole second."""

    revoked_at: datetime | None = None
    revoked_by: str | None = None
    slide_key: str | None = None
    """What the slide was called when this was read."""

    @classmethod
    def of(cls, row: GrantRow) -> Grant:
        """From the catalog. A permission that this release doesn't know is none."""
        return cls(
            id=row.id,
            slide_id=row.slide_id,
            prefix=row.prefix,
            permissions=frozenset(one for one in GRANTABLE if one.value in row.permissions),
            networks=tuple(ipaddress.ip_network(network) for network in row.networks),
            note=row.note,
            created_by=row.created_by,
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
            revoked_by=row.revoked_by,
            slide_key=row.slide_key,
        )

    @property
    def expires(self) -> int:
        """Unix seconds."""
        return int(self.expires_at.timestamp())

    @property
    def scope(self) -> Scope:
        """The slides it is about."""
        if self.slide_id is not None:
            keys = frozenset() if self.slide_key is None else frozenset({self.slide_key})
            return Scope(slide_ids=frozenset({self.slide_id}), slide_keys=keys)
        return Scope() if self.prefix is None else Scope((self.prefix,))

    def state(self, now: float) -> str:
        """``active``, ``expired`` or ``revoked``."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if now >= self.expires else "active"

    def shown_permissions(self) -> list[str]:
        """In the order in which `Permission` lists them."""
        return [one.value for one in Permission if one in self.permissions]

    def caller(self) -> Caller:
        """Whoever shows its token."""
        return Caller(
            kind="grant",
            id=self.id,
            permissions=self.permissions,
            scope=self.scope,
            name=self.note,
            expires=self.expires,
            revocable=True,
            grant_id=self.id,
        )


@dataclass(frozen=True, slots=True)
class Issued:
    """A grant that has just been made, with what is never told again."""

    grant: Grant
    token: str = field(repr=False)
    slide_key: str | None = None
    """For the audit log; None for a prefix."""

    def path(self) -> str:
        """What opens it in a browser: the slide, or the list of those it is about."""
        page = "/" if self.grant.slide_id is None else f"/view/{self.grant.slide_id}"
        return f"{page}?grant={self.token}"


@dataclass(frozen=True, slots=True)
class GrantPage:
    """One page of a list, newest first."""

    grants: list[Grant]
    next_cursor: str | None
