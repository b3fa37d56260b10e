"""A grant's token: only what we made is read, and what is wrong with another is not told apart."""

from __future__ import annotations

import hmac
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wsi_streamer.access.grants.token import PREFIX, mint, new_grant_id, read
from wsi_streamer.access.signing_keys import SigningKeys
from wsi_streamer.slides.errors import Unauthorized

NOW = 1_800_000_000.0
EXP = 1_800_000_600
OLD = SigningKeys.of([b"the old secret, long enough"])
NEW = SigningKeys.of([b"the new secret, long enough"])
BOTH = SigningKeys.of([b"the new secret, long enough", b"the old secret, long enough"])
GRANT = "g-abcdefghijklmnopqrstuvwx"
INVALID = "This is not a valid grant. Ask for a new link."


def refusal(keys: SigningKeys, token: str, now: float = NOW) -> str:
    with pytest.raises(Unauthorized) as caught:
        read(keys, token, now)
    return caught.value.message


def test_what_was_made_is_read_until_it_expires() -> None:
    ident = new_grant_id()
    token = mint(BOTH, ident, EXP)
    assert token.startswith(PREFIX)
    assert read(BOTH, token, NOW) == (ident, EXP)
    assert read(BOTH, token, EXP - 0.001) == (ident, EXP)
    assert "expired" in refusal(BOTH, token, EXP)


def test_ids_are_of_one_pattern_and_never_the_same() -> None:
    made = {new_grant_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(read(OLD, mint(OLD, ident, EXP), NOW)[0] == ident for ident in made)


def test_the_newest_key_signs_and_older_ones_verify_until_they_are_retired() -> None:
    before, after = mint(OLD, GRANT, EXP), mint(BOTH, GRANT, EXP)
    assert after.split(".")[1] == NEW.newest.id
    assert read(BOTH, before, NOW) == read(BOTH, after, NOW) == (GRANT, EXP)
    assert read(NEW, after, NOW) == (GRANT, EXP)
    assert refusal(NEW, before) == INVALID
    assert refusal(SigningKeys(), after) == INVALID


@pytest.mark.parametrize("at", range(len(mint(OLD, GRANT, EXP))))
def test_no_character_can_be_another(at: int) -> None:
    token = mint(OLD, GRANT, EXP)
    for other in "0a9fzZ.-":
        if other != token[at]:
            assert refusal(OLD, token[:at] + other + token[at + 1 :]) == INVALID


def test_a_later_expiry_another_grant_or_another_key_need_another_mac() -> None:
    token = mint(OLD, GRANT, EXP)
    assert refusal(OLD, token.replace(str(EXP), str(EXP + 1))) == INVALID
    assert refusal(OLD, token.replace(GRANT, new_grant_id())) == INVALID
    assert refusal(BOTH, token.replace(OLD.newest.id, NEW.newest.id)) == INVALID
    assert refusal(OLD, token.upper()) == INVALID
    for wrapped in (
        token + "\n",
        " " + token,
        token + ".",
        token[:-1],
        token + "0",
        token.replace(str(EXP), f"0{EXP}"),
    ):
        assert refusal(OLD, wrapped) == INVALID


def test_that_a_forged_token_has_expired_is_not_told() -> None:
    assert refusal(OLD, mint(NEW, GRANT, 1), NOW) == INVALID
    assert "expired" in refusal(OLD, mint(OLD, GRANT, 1), NOW)


def test_an_expiry_that_no_clock_reaches_is_no_expiry() -> None:
    assert refusal(OLD, mint(OLD, GRANT, 2**53 + 1)) == INVALID


def test_a_mac_of_another_purpose_is_none() -> None:
    said = f"{PREFIX}{OLD.newest.id}.{GRANT}.{EXP}"
    assert refusal(OLD, f"{said}.{OLD.newest.mac('session', said.encode()).hex()}") == INVALID
    assert read(OLD, f"{said}.{OLD.newest.mac('grant', said.encode()).hex()}", NOW) == (GRANT, EXP)


def test_macs_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[Any, Any]] = []
    genuine = hmac.compare_digest

    def spy(a: Any, b: Any) -> bool:
        compared.append((a, b))
        return genuine(a, b)

    monkeypatch.setattr(hmac, "compare_digest", spy)
    token = mint(OLD, GRANT, EXP)
    assert refusal(OLD, token[:-64] + "0" * 64) == INVALID
    assert compared == [("0" * 64, token[-64:])]


pieces = st.sampled_from(
    ["wsg1", "wsg2", OLD.newest.id, GRANT, str(EXP), "0" * 64, "", "-1", "9" * 20, "é", "\0", "\ud800", "٣"]
)


@given(st.one_of(st.text(max_size=200), st.lists(pieces, max_size=8).map(".".join)))
@example(f"wsg1.{OLD.newest.id}.{GRANT}.{'9' * 5000}.{'0' * 64}")
@example("wsg1." * 10_000)
def test_whatever_is_shown_nothing_but_a_refusal_comes_of_it(token: str) -> None:
    assert refusal(BOTH, token) == INVALID
