"""Which permission a picture beside the slide needs: its thumbnail, its label, the macro of its glass."""

from __future__ import annotations

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.permissions import Permission
from wsi_streamer.slides.errors import Forbidden

_LABEL_IN_MACRO = ("NDPI",)
"""In the names of formats whose macro shows the whole glass, the label with it. Hamamatsu's scanners store no label of its
own: OpenSlide and NDP.view cut it out of the macro."""

_PERMISSIONS = {"thumbnail": Permission.TILES, "macro": Permission.MACRO, "label": Permission.LABEL}

ASSOCIATED_NAMES = frozenset(_PERMISSIONS)
"""All that there are."""


def permission_for(name: str, slide_format: str = "") -> Permission:
    """What a caller must hold to see an associated image. A name that isn't known may be a label's.

    Args:
        slide_format: as the parser calls it; empty while it is not known.
    """
    if name == "macro" and any(word in slide_format.upper() for word in _LABEL_IN_MACRO):
        return Permission.LABEL
    return _PERMISSIONS.get(name, Permission.LABEL)


def require(caller: Caller, permission: Permission) -> None:
    """Check a permission to a slide of the caller's scope.

    Raises:
        Forbidden: it hasn't got it.
    """
    if not caller.may(permission):
        raise Forbidden("You are not allowed to see this.")
