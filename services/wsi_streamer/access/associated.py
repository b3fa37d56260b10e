"""Which permission a picture beside the slide needs: its thumbnail, its label, the macro of its glass."""

from __future__ import annotations

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.gate import Refused
from wsi_streamer.access.permissions import Permission

_MACRO_WITHOUT_LABEL = ("Aperio SVS",)
"""Formats whose macro is known to leave the label out: Aperio's is lit from behind, the label is black in it and is stored as
a picture of its own. NDPI's shows the whole glass, label and all, and a TIFF or OME-TIFF may have been made of one."""

_PERMISSIONS = {"thumbnail": Permission.TILES, "macro": Permission.MACRO, "label": Permission.LABEL}

ASSOCIATED_NAMES = frozenset(_PERMISSIONS)
"""All that there are."""


def permission_for(name: str, slide_format: str = "") -> Permission:
    """What a caller must hold to see an associated image. A name that isn't known may be a label's.

    Args:
        slide_format: as the parser calls it; empty while it is not known. A macro then needs what every macro needs, and
            once it is known perhaps the label's permission besides.
    """
    if name == "macro" and slide_format and slide_format not in _MACRO_WITHOUT_LABEL:
        return Permission.LABEL
    return _PERMISSIONS.get(name, Permission.LABEL)


def may_see(caller: Caller, name: str, slide_format: str) -> bool:
    """Whether a slide's image may be shown to a caller, or named."""
    return (
        name in ASSOCIATED_NAMES and caller.may(permission_for(name)) and caller.may(permission_for(name, slide_format))
    )


def require(caller: Caller, permission: Permission) -> None:
    """Check a permission to a slide of the caller's scope.

    Raises:
        Refused: it hasn't got it.
    """
    if not caller.may(permission):
        raise Refused("You are not allowed to see this.", caller, permission)
