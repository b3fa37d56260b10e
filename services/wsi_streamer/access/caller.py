"""Who asks, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from wsi_streamer.access.permissions import Permission, Role
from wsi_streamer.access.scope import Scope

CallerKind = Literal["anyone", "link", "viewer-token", "grant", "identity", "admin-token", "auditor-token", "local"]
"""anyone: access is open. link: a signed URL. local: the admin API without a token, on this machine alone."""


@dataclass(frozen=True, slots=True)
class Caller:
    """One who has shown a right, be it none at all where access is open."""

    kind: CallerKind
    id: str
    """What the audit knows it by, the same for the same right: a grant's id, ``issuer|subject`` of an identity, a digest
    of a token. Never anything that gives the right."""

    permissions: frozenset[Permission] = frozenset()
    scope: Scope = field(default_factory=Scope)
    roles: frozenset[Role] = frozenset()
    name: str | None = None
    """For people: an identity's name or mail address, a grant's note."""

    expires: int | None = None
    """When the right ends, unix seconds; None: never."""

    revocable: bool = False
    """Whether the right may end before that: nothing may be kept for longer than a revocation may take."""

    grant_id: str | None = None

    def may(self, permission: Permission) -> bool:
        """Whether it holds a permission, for the slides of its scope."""
        if permission in self.permissions:
            return True
        return Permission.DOWNLOAD in self.permissions and permission is not Permission.GRANT
