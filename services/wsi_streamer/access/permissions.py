"""What may be done: permissions to a slide, and roles in the service."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """What a caller may do with the slides of its scope. Each stands for itself: none brings another, but for
    DOWNLOAD, whose file holds all the rest."""

    TILES = "tiles"
    """See the picture: tiles, Deep Zoom, thumbnail, the metadata that describes the picture."""

    METADATA = "metadata"
    """All that the scanner wrote: user, dates, title, file name, free text. It may name a patient."""

    LABEL = "label"
    """The label's picture, and a macro that shows it (NDPI)."""

    MACRO = "macro"
    """The macro picture of the glass."""

    DOWNLOAD = "download"
    """The file as it is in the bucket, label and all: brings every other permission."""

    GRANT = "grant"
    """Hand out grants, of no more than what the caller may do and see itself."""


GRANTABLE = frozenset(Permission) - {Permission.GRANT}
"""What a grant may hold."""


class Role(StrEnum):
    """What a caller is in the service. None brings another: who runs it need not see patients, nor read who saw them."""

    VIEWER = "viewer"
    """Sees the slides of its scope."""

    AUDITOR = "auditor"
    """Reads the audit log."""

    ADMIN = "admin"
    """Runs the service: reindex, status, explain, all grants."""
