from __future__ import annotations

from typing import Any

from wsi_operator.handlers import heard_of, registry_of, settings_of
from wsi_operator.resources.kinds import KINDS, SECRET
from wsi_operator.work_queue import Key

KINDS_WATCHED = [kind for kind in KINDS if kind != SECRET]


def event(kind: str, type_: str | None = "MODIFIED", **metadata: Any) -> dict[str, Any]:
    base = {"name": "x-tiles", "namespace": "n", "uid": "u", "resourceVersion": "7"}
    return {"type": type_, "object": {"kind": kind, "metadata": {**base, **metadata}}}


def test_an_event_of_a_resource_is_about_it() -> None:
    heard = heard_of(event("WSIStreamer", name="x"))
    assert heard is not None
    assert (heard.owner, heard.uid, heard.version, heard.deleted) == (Key("n", "x"), "u", "7", False)


def test_an_event_of_a_child_is_about_its_owner() -> None:
    owner = {"kind": "WSIStreamer", "name": "x", "controller": True}
    heard = heard_of(
        event("Deployment", "DELETED", ownerReferences=[owner], labels={"app.kubernetes.io/instance": "y"})
    )
    assert heard is not None
    assert (heard.owner, heard.deleted) == (Key("n", "x"), True)


def test_a_child_that_lost_its_owner_is_known_by_its_label() -> None:
    heard = heard_of(event("Deployment", labels={"app.kubernetes.io/instance": "x"}))
    assert heard is not None
    assert heard.owner == Key("n", "x")


def test_others_are_nobodys() -> None:
    assert heard_of(event("Deployment")) is None
    assert heard_of({"type": "ERROR", "object": {"kind": "Status"}}) is None


def test_kopf_has_no_handler_that_makes_it_write() -> None:
    registry = registry_of(KINDS_WATCHED, lambda _: None)
    assert not registry._changing.get_all_handlers()
    assert not registry._spawning.get_all_handlers()
    assert not registry._webhooks.get_all_handlers()
    assert len(registry._watching.get_all_handlers()) == len(KINDS_WATCHED) + 1


def test_secrets_are_not_watched_and_children_only_by_our_label() -> None:
    settings = settings_of(KINDS_WATCHED)
    assert set(settings.watching.label_selectors.values()) == {"app.kubernetes.io/managed-by=wsi-streamer-operator"}
    assert len(settings.watching.label_selectors) == len(KINDS_WATCHED)
    assert not settings.posting.enabled
    assert settings.scanning.disabled
