"""Counting what is seen and refused, the chain's own form, and FHIR's."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsi_streamer.access.audit.chain import FIRST, Chain, canonical, link_hash, read_time, row_of, time_text
from wsi_streamer.access.audit.denials import MAX_IN_ALL, MAX_OF_ADDRESS, Denials, Denied
from wsi_streamer.access.audit.export import merged
from wsi_streamer.access.audit.fhir import audit_event
from wsi_streamer.access.audit.records import Agent, Record, bounded
from wsi_streamer.access.audit.viewing import MAX_KINDS, Viewing
from wsi_streamer.access.caller import Caller

NOW = 1_795_000_000.0
ANNA = Agent.of(Caller("identity", "https://idp|anna", name="Anna", grant_id="g-1"), "192.0.2.1")


def record(action: str = "view", **options: Any) -> Record:
    return Record(action=action, agent=ANNA, slide_id="s-1", key="a/b.svs", **options)


def test_a_viewing_counts_tiles_by_level_with_what_bounds_them() -> None:
    viewing = Viewing("v-1", NOW)
    for x, y in ((3, 4), (1, 9), (5, 2)):
        viewing.tile(1, x, y, NOW + x)
    viewing.tile(4, 0, 0, NOW + 9)
    assert viewing.seen() == {
        "tiles": {"1": {"count": 3, "x": [1, 5], "y": [2, 9]}, "4": {"count": 1, "x": [0, 0], "y": [0, 0]}},
        "finest_level": 1,
    }
    assert viewing.last == NOW + 9


def test_kinds_of_pictures_are_bounded() -> None:
    viewing = Viewing("v-1", NOW)
    for i in range(100):
        viewing.picture(f"kind-{i}", NOW)
    assert len(viewing.seen()["pictures"]) == MAX_KINDS


def test_the_canonical_form_is_fixed() -> None:
    """Whoever checks an old log needs it to stay as it is."""
    chain = Chain("tiles", 7, writer="00ff")
    row = chain.append(record(session="v-1", detail={"b": 1, "a": "ä\n"}), NOW)
    assert row.record == (
        '{"action":"view","agent":{"address":"192.0.2.1","grant":"g-1","id":"https://idp|anna","kind":"identity",'
        '"name":"Anna"},"at":"2026-11-18T11:06:40.000000Z","detail":{"a":"ä\\n","b":1},"key":"a/b.svs","outcome":"success",'
        '"seq":1,"service":"tiles","session":"v-1","slide_id":"s-1","source":7,"v":1,"writer":"00ff"}'
    )
    assert row.hash == link_hash(FIRST, row.record)
    assert row_of(row.record, row.hash) == row


def test_a_chain_counts_from_one_and_its_time_never_goes_back() -> None:
    chain = Chain("tiles", 1)
    rows = [chain.append(record(), NOW + late) for late in (0, 5, -100, 6)]
    assert [row.seq for row in rows] == [1, 2, 3, 4]
    assert [row.at.timestamp() - NOW for row in rows] == [0, 5, 5, 6]
    previous = FIRST
    for row in rows:
        assert row.hash == link_hash(previous, row.record)
        previous = row.hash


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1)))
def test_times_are_read_as_they_are_written(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)
    assert read_time(time_text(moment)) == moment


@given(st.text(max_size=60))
def test_texts_are_clean_and_bounded_and_stay_apart(text: str) -> None:
    found = bounded(text * 3, 40)
    assert len(found) <= 40
    assert "\0" not in found
    found.encode()
    assert bounded("x" * 100 + text, 40) != bounded("x" * 101 + text + "y", 40)


@pytest.mark.parametrize("text", ["{}", "[]", "1", "null", '{"agent":1}', "nonsense", '{"agent":{"kind":1}}'])
def test_what_is_no_record_is_told(text: str) -> None:
    with pytest.raises(ValueError):
        row_of(text, b"")


def test_the_first_denial_is_written_and_others_are_counted_for_a_minute() -> None:
    denials, denied = Denials(), Denied("192.0.2.1", "forbidden", "unknown:", "s-1")
    assert denials.is_first(denied, NOW)
    assert [denials.is_first(denied, NOW + i) for i in range(1, 60)] == [False] * 59
    assert denials.over(NOW + 59) == {}
    (found,) = denials.over(NOW + 60).values()
    assert (found.count, found.first, found.last) == (59, NOW + 1, NOW + 59)
    assert denials.is_first(denied, NOW + 61)


def test_a_flood_of_denials_is_bounded_by_address_and_in_all() -> None:
    denials = Denials()
    firsts = sum(denials.is_first(Denied("192.0.2.1", "c", "unknown:", f"s-{i}"), NOW) for i in range(1000))
    assert firsts == MAX_OF_ADDRESS
    for i in range(10_000):
        denials.is_first(Denied(f"2001:db8:{i:x}::1", "c", "unknown:", None), NOW)
    found = denials.over(NOW + 60)
    assert sum(counted.count for counted in found.values()) + MAX_OF_ADDRESS + MAX_IN_ALL - MAX_OF_ADDRESS - 1 == 11_000
    assert len(found) == 2
    assert denials._seen == {}
    assert denials._of_address == {}


def test_one_network_has_one_share_and_who_is_known_has_its_own() -> None:
    denials = Denials()
    firsts = [
        denials.is_first(Denied(f"2001:db8::{i:x}", "c", f"unknown:2001:db8::{i:x}", None), NOW) for i in range(400)
    ]
    assert sum(firsts) == MAX_OF_ADDRESS
    known = Denied("2001:db8::1", "forbidden", "grant:g-1", "s-1", wanted="label")
    assert denials.is_first(known, NOW), "whatever strangers do at its address"
    assert denials.is_first(replace(known, wanted="download"), NOW)
    assert not denials.is_first(known, NOW)
    for i in range(2 * MAX_OF_ADDRESS):
        denials.is_first(replace(known, slide_id=f"s-{i + 2}"), NOW)
    rest = [denied for denied in denials.over(NOW + 60) if denied.code == "various"]
    assert {(denied.agent, denied.address) for denied in rest} == {
        ("various", "2001:db8::/64"), ("grant:g-1", "2001:db8::1"),
    }  # fmt: skip


def event(action: str, **options: Any) -> dict[str, Any]:
    chain = Chain("tiles", 1)
    found: dict[str, Any] = json.loads(chain.append(record(action, **options), NOW).record)
    return found


@pytest.mark.parametrize(
    "action",
    ["view", "label-view", "denial", "grant-create", "grant-revoke", "sign-in", "sign-out", "download", "audit-read",
     "service-start", "service-stop", "checkpoint", "records-lost", "prune", "reindex", "something else"],
)  # fmt: skip
@pytest.mark.parametrize("outcome", ["success", "refused", "failed"])
def test_a_fhir_resource_has_what_r4_requires(action: str, outcome: str) -> None:
    """http://hl7.org/fhir/R4/auditevent.html: type, recorded, agent (with requestor), source (with observer) are 1..1 or
    more; action and outcome are bound to required value sets; no element is empty."""
    found = audit_event(event(action, outcome=outcome, detail={"a": "b", "empty": ""}))
    assert found["resourceType"] == "AuditEvent"
    assert {"type", "recorded", "agent", "source"} <= set(found)
    assert {"system", "code", "display"} == set(found["type"])
    assert found["action"] in {"C", "R", "U", "D", "E"}
    assert found["outcome"] in {"0", "4", "8", "12"}
    assert datetime.fromisoformat(found["recorded"]).tzinfo is not None
    assert all(isinstance(agent["requestor"], bool) for agent in found["agent"])
    assert found["agent"][0]["network"]["type"] in {"1", "2", "3", "4", "5"}
    assert found["source"]["observer"]["display"]
    assert len(found["id"]) <= 64
    for entity in found["entity"]:
        assert not {"name", "query"} <= set(entity)  # sev-1
        assert all(detail["type"] and detail["valueString"] for detail in entity["detail"])
    assert no_empty(found)


def no_empty(value: Any) -> bool:
    if isinstance(value, dict):
        return bool(value) and all(no_empty(inner) for inner in value.values())
    if isinstance(value, list):
        return bool(value) and all(no_empty(inner) for inner in value)
    return value not in (None, "")


def test_a_session_whose_beginning_was_lost_is_merged_all_the_same() -> None:
    detail = {
        "part": "p",
        "first": "2026-11-18T11:00:00.000000Z",
        "last": "2026-11-18T11:05:00.000000Z",
        "addresses": [],
    }
    found = merged([canonical(event("view-seen", session="v-1", detail=detail))])
    assert (found["action"], found["period"]["first"]) == ("view", detail["first"])
