"""What is asked of a new grant, checked."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypedDict

from wsi_streamer.access.client_address import Network
from wsi_streamer.access.permissions import GRANTABLE, Permission
from wsi_streamer.catalog.stored_text import is_clean
from wsi_streamer.slides.errors import InvalidRequest

MAX_NETWORKS = 32
MAX_NOTE = 200
MAX_KEY_BYTES = 1024
"""S3's own limit."""

_UNIX_DIGITS = 16
_LONGEST = 10**10
"""Seconds: what every date can hold, whatever the setting says."""


class Asked(TypedDict, total=False):
    """As it comes in. Exactly one of ``slide`` and ``prefix``, and one of ``expires_in`` and ``expires_at``."""

    slide: str | None
    """Key or opaque id."""
    prefix: str | None
    """What keys begin with; empty for every slide."""
    expires_in: int | None
    """Seconds."""
    expires_at: int | str | None
    """Unix seconds, or ISO 8601 with a time zone."""
    permissions: Sequence[str] | None
    """`Permission` values that may be granted; tiles is always among them."""
    networks: Sequence[str]
    """Where clients may be (CIDR); none: anywhere."""
    note: str | None


@dataclass(frozen=True, slots=True)
class Wish:
    """All of a grant but the slide, which only the catalog knows."""

    slide: str | None
    prefix: str | None
    permissions: frozenset[Permission]
    networks: tuple[Network, ...]
    note: str | None
    expires: int
    """Unix seconds."""

    @classmethod
    def of(cls, asked: Asked, *, now: float, max_seconds: float) -> Wish:
        """Read what is asked for.

        Raises:
            InvalidRequest: with the sentence that says what is wrong.
        """
        slide, prefix = asked.get("slide"), asked.get("prefix")
        if (slide is None) == (prefix is None):
            raise InvalidRequest('Give either "slide" (key or id) or "prefix"; an empty prefix is every slide.')
        named = slide if slide is not None else prefix or ""
        if not is_clean(named) or len(named.encode()) > MAX_KEY_BYTES or slide == "":
            raise InvalidRequest("No slide can have such a name.")
        return cls(
            slide,
            prefix,
            _permissions(asked.get("permissions")),
            _networks(asked.get("networks") or ()),
            _note(asked.get("note")),
            _expiry(asked.get("expires_in"), asked.get("expires_at"), now, max_seconds),
        )


def _permissions(given: Sequence[str] | None) -> frozenset[Permission]:
    unknown = set(given or ()) - {one.value for one in GRANTABLE}
    if unknown:
        known = ", ".join(one.value for one in Permission if one in GRANTABLE)
        raise InvalidRequest(f"Permissions of a grant are: {known}.")
    return frozenset({Permission.TILES, *map(Permission, given or ())})


def _networks(given: Sequence[str]) -> tuple[Network, ...]:
    if len(given) > MAX_NETWORKS:
        raise InvalidRequest(f"At most {MAX_NETWORKS} networks can be named.")
    return tuple(dict.fromkeys(_network(text) for text in given))


def _network(text: str) -> Network:
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        network = None
    if network is None or "%" in text:
        raise InvalidRequest("A network is written as 10.1.0.0/16 or 2001:db8::/32.")
    if isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped is not None:
        raise InvalidRequest("Write networks of IPv4 addresses as 10.1.0.0/16.")  # clients of both kinds are seen so
    return network


def _note(given: str | None) -> str | None:
    note = (given or "").strip()
    if len(note) > MAX_NOTE or not note.isprintable() or not is_clean(note):
        raise InvalidRequest(f"A note is one line of up to {MAX_NOTE} characters.")
    return note or None


def _expiry(expires_in: int | None, expires_at: int | str | None, now: float, max_seconds: float) -> int:
    if (expires_in is None) == (expires_at is None):
        raise InvalidRequest('Say when the grant ends: either "expires_in" (seconds) or "expires_at".')
    end = int(now) + expires_in if expires_in is not None else _moment(expires_at)
    longest = min(max_seconds, _LONGEST)
    if end <= now:
        raise InvalidRequest("The grant would have expired already.")
    if end - int(now) > longest:
        raise InvalidRequest(f"A grant may last {longest / 86_400:g} days at most.")
    return end


def _moment(given: int | str | None) -> int:
    if isinstance(given, int):
        return given
    try:
        if given is not None and given.isascii() and given.isdigit() and len(given) <= _UNIX_DIGITS:
            return int(given)
        moment = datetime.fromisoformat(given or "")
        if moment.tzinfo is None:
            raise ValueError(given)
        return int(moment.astimezone(UTC).timestamp())
    except (ValueError, OverflowError):
        raise InvalidRequest(
            '"expires_at" is unix seconds, or a time with its zone: 2027-01-31T18:00:00+09:00.'
        ) from None
