"""Bodies of the grants API."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from wsi_streamer.access.grants.grant import Grant, GrantPage, Issued

Granted = Literal["tiles", "metadata", "label", "macro", "download"]


class GrantRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Exactly one of ``slide`` and ``prefix``, and exactly one of ``expires_in`` and ``expires_at``."""

    slide: str | None = None
    """Key or opaque id of a slide that the catalog knows."""
    prefix: str | None = None
    """What keys begin with; empty for every slide, which only an administrator can grant."""
    expires_in: int | None = None
    """Seconds."""
    expires_at: int | str | None = None
    """Unix seconds, or ISO 8601 with a time zone."""
    permissions: list[Granted] = []
    """What its holder may do; ``tiles`` is always among it."""
    networks: list[str] = []
    """Networks (CIDR) that its holder must be in; none: anywhere. 32 at most."""
    note: str | None = None
    """One line of up to 200 characters, for the list and the audit log."""


class GrantShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A grant. Its token is shown once, when it is made."""

    id: str
    state: Literal["active", "expired", "revoked"]
    slide: str | None = None
    """Opaque id; None where it is about a prefix."""
    prefix: str | None = None
    permissions: list[str]
    networks: list[str]
    note: str | None = None
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None


class GrantMade(GrantShown, frozen=True, kw_only=True, omit_defaults=True):
    """A new grant, with what gives the right: for whoever it is meant for, and nobody else."""

    token: str
    """For the header ``Authorization: Bearer``, or the parameter ``grant``."""
    url: str
    """What opens it in a browser; a path where the service doesn't know its own address (WSI_PUBLIC_URL)."""


class GrantList(msgspec.Struct, frozen=True, omit_defaults=True):
    """One page of grants, newest first."""

    grants: list[GrantShown]
    next_cursor: str | None = None


class ErrorShown(msgspec.Struct, frozen=True):
    """Every error."""

    error: str
    message: str
    status: int


def shown(grant: Grant, now: float) -> GrantShown:
    """As the API shows it."""
    return GrantShown(**_fields(grant, now))


def made(issued: Issued, now: float, public_url: str | None) -> GrantMade:
    """As the API shows it, once."""
    url = (public_url or "").rstrip("/") + issued.path()
    return GrantMade(**_fields(issued.grant, now), token=issued.token, url=url)


def listed(page: GrantPage, now: float) -> GrantList:
    """As the API shows it."""
    return GrantList([shown(grant, now) for grant in page.grants], page.next_cursor)


def _fields(grant: Grant, now: float) -> dict[str, Any]:
    return {
        "id": grant.id,
        "state": grant.state(now),
        "slide": grant.slide_id,
        "prefix": grant.prefix,
        "permissions": grant.shown_permissions(),
        "networks": [str(network) for network in grant.networks],
        "note": grant.note,
        "created_by": grant.created_by,
        "created_at": grant.created_at,
        "expires_at": grant.expires_at,
        "revoked_at": grant.revoked_at,
        "revoked_by": grant.revoked_by,
    }
