"""Who is told what a slide is called: a key may hold a patient's name or number."""

from __future__ import annotations

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.permissions import Permission


def may_know_keys(caller: Caller) -> bool:
    """Whether the keys of slides are shown to a caller. A grant is handed on to people outside, who see the slide and not
    whose it is, unless it says otherwise; all others found the slide by its key."""
    return caller.kind != "grant" or caller.may(Permission.METADATA)
