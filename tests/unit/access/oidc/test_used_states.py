"""The answer to a sign-in counts once, in bounded memory."""

from __future__ import annotations

import pytest

from wsi_streamer.access.oidc.sign_in import SECONDS
from wsi_streamer.access.oidc.used_states import UsedStates
from wsi_streamer.slides.errors import Unauthorized


def test_a_state_is_used_once_for_as_long_as_it_could_count() -> None:
    now = 1_000_000.0
    used = UsedStates(lambda: now)
    used.check("one")
    used.check("two")
    now += SECONDS - 1
    for state in ("one", "two"):
        with pytest.raises(Unauthorized, match="before"):
            used.check(state)
    now += 1
    used.check("three")
    assert len(used) == 1  # the others have ended, and with them their cookies


def test_memory_is_bounded() -> None:
    used = UsedStates(lambda: 0.0, capacity=3)
    for i in range(10):
        used.check(f"state {i}")
    assert len(used) == 3
    with pytest.raises(Unauthorized):
        used.check("state 9")
