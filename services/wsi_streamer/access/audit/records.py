"""What is recorded, before it has its place in a chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

from wsi_streamer.access.caller import Caller
from wsi_streamer.catalog.stored_text import clean

Outcome = Literal["success", "refused", "failed"]

VIEW, VIEW_SEEN, DENIAL = "view", "view-seen", "denial"
START, STOP, CHECKPOINT, LOST, PRUNE = "service-start", "service-stop", "checkpoint", "records-lost", "prune"

MAX_ID = 300
MAX_NAME = 200
MAX_KEY = 1024
MAX_DETAILS = 40
MAX_DETAIL = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Who did it."""

    kind: str
    id: str
    name: str | None = None
    roles: tuple[str, ...] = ()
    address: str | None = None
    grant_id: str | None = None

    @classmethod
    def of(cls, caller: Caller | None, address: str) -> Agent:
        """A caller at a client address; None is one who has shown no right."""
        address = bounded(address, MAX_NAME)
        if caller is None:
            return cls(kind="unknown", id=address, address=address or None)
        return cls(
            kind=caller.kind,
            id=bounded(caller.id, MAX_ID),
            name=bounded(caller.name, MAX_NAME) if caller.name else None,
            roles=tuple(sorted(str(role) for role in caller.roles)),
            address=address or None,
            grant_id=bounded(caller.grant_id, MAX_ID) if caller.grant_id else None,
        )

    @property
    def label(self) -> str:
        """Kind and id, for the column ``agent``."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One thing that happened. Texts are clean and bounded by whoever makes it (see `bounded`)."""

    action: str
    agent: Agent
    outcome: Outcome = "success"
    slide_id: str | None = None
    key: str | None = None
    session: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    """Plain JSON without fractions: the same text everywhere."""


def bounded(text: str, most: int) -> str:
    """Text as Postgres can store it, of ``most`` characters at most; one that is cut ends in a digest of it all, so that
    two never become one."""
    text = clean(text)
    if len(text) <= most:
        return text
    return f"{text[: most - 17]}…{sha256(text.encode()).hexdigest()[:16]}"


def bounded_detail(detail: Mapping[str, str] | None) -> dict[str, str]:
    """The same for details that come with an act."""
    pairs = list((detail or {}).items())[:MAX_DETAILS]
    return {bounded(str(name), MAX_NAME): bounded(str(value), MAX_DETAIL) for name, value in pairs}
