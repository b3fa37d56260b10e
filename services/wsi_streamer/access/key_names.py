"""Who is told what a slide is called: a key may hold a patient's name or number."""

from __future__ import annotations

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.permissions import Permission


def may_know_keys(caller: Caller) -> bool:
    """Whether the keys of slides are shown to a caller: a file's name may identify a patient, and so is metadata. Who holds a
    signed link or a viewer token knows the key, or was given all of them; and while access is open nobody is asked."""
    return caller.kind in ("anyone", "link", "viewer-token") or caller.may(Permission.METADATA)
