"""Who was let in a moment ago: until when, and what ends it earlier."""

from __future__ import annotations

from dataclasses import replace

from wsi_streamer.access.asked import Asked
from wsi_streamer.access.audit.viewing import Viewing
from wsi_streamer.access.caller import Caller
from wsi_streamer.tiles.context import Admitted
from wsi_streamer.tiles.passes import REVOCABLE_SECONDS, Passes

NOW = 1_000_000.5
RIGHT, SHOWN = ("s-1", "id", "", "", ""), ("192.0.2.1", b"", b"", b";wsi_session=x")
ADMITTED = Admitted(
    Asked(b"/tiles/s-1/0/0/0.jpg", b"", "", "", "192.0.2.1", ("192.0.2.1", b"")),
    Caller("grant", "g-1", expires=1_000_600, revocable=True),
    {},
    "s-1",
)


def given(passes: Passes, admitted: Admitted = ADMITTED, viewing: Viewing | None = None) -> Viewing:
    viewing = viewing or Viewing("v-1", NOW)
    passes.give(RIGHT, SHOWN, admitted, viewing, generation=passes.generation, since=NOW)
    return viewing


def test_a_pass_is_for_what_was_shown_to_the_byte() -> None:
    passes = Passes()
    viewing = given(passes)
    found = passes.find(RIGHT, SHOWN, NOW)
    assert found is not None
    assert found.viewing is viewing
    others = [
        (("s-2", *RIGHT[1:]), SHOWN),
        (("s-1", "key", *RIGHT[2:]), SHOWN),
        (RIGHT, None),
        (RIGHT, ("192.0.2.2", *SHOWN[1:])),
        (RIGHT, (*SHOWN[:3], b";wsi_session=y")),
        (RIGHT, (SHOWN[0], b",203.0.113.7", *SHOWN[2:])),
    ]
    for right, shown in others:
        assert passes.find(right, shown, NOW) is None


def test_what_can_be_revoked_is_asked_again_after_half_a_minute_and_no_right_outlives_its_end() -> None:
    passes = Passes()
    given(passes)
    assert passes.find(RIGHT, SHOWN, NOW + REVOCABLE_SECONDS - 0.1) is not None
    assert passes.find(RIGHT, SHOWN, NOW + REVOCABLE_SECONDS + 1) is None
    given(passes, replace(ADMITTED, caller=replace(ADMITTED.caller, revocable=False)))
    assert passes.find(RIGHT, SHOWN, 1_000_600.9) is not None
    assert passes.find(RIGHT, SHOWN, 1_000_601.0) is None
    given(passes, replace(ADMITTED, caller=Caller("anyone", "anyone")))
    assert passes.find(RIGHT, SHOWN, NOW * 10) is not None


def test_a_session_that_has_ended_takes_its_passes_along() -> None:
    passes = Passes()
    given(passes).closed = True
    assert passes.find(RIGHT, SHOWN, NOW) is None


def test_a_revocation_ends_all_and_those_that_are_under_way() -> None:
    passes = Passes()
    given(passes)
    begun = passes.generation
    passes.forget()
    assert passes.find(RIGHT, SHOWN, NOW) is None
    passes.give(RIGHT, SHOWN, ADMITTED, Viewing("v-1", NOW), generation=begun, since=NOW)
    assert passes.find(RIGHT, SHOWN, NOW) is None, "its right was checked before the revocation was heard of"
    given(passes)
    assert passes.find(RIGHT, SHOWN, NOW) is not None
