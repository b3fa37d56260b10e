from __future__ import annotations

import base64

from tests.unit.operator.samples import MINIMAL, situation, streamer_of
from wsi_operator.resources.admin_secret import TOKEN_KEYS, admin_secret
from wsi_operator.resources.children import desired
from wsi_operator.resources.environment import environment
from wsi_operator.resources.labels import Component
from wsi_operator.resources.names import admin_secret_name


def test_the_indexer_reads_the_keys_that_the_secret_has() -> None:
    streamer = streamer_of(MINIMAL)
    made = admin_secret(streamer, {key: f"{key}-token" for key in TOKEN_KEYS})
    assert {key: base64.b64decode(value).decode() for key, value in made["data"].items()} == {
        key: f"{key}-token" for key in TOKEN_KEYS
    }
    refs = [
        entry["valueFrom"]["secretKeyRef"]
        for entry in environment(streamer, Component.INDEXER)
        if entry.get("valueFrom", {}).get("secretKeyRef", {}).get("name") == made["metadata"]["name"]
    ]
    assert sorted(ref["key"] for ref in refs) == sorted(TOKEN_KEYS)


def test_it_is_no_part_of_what_is_applied_again_and_again() -> None:
    streamer = streamer_of(MINIMAL)
    names = {(item["kind"], item["metadata"]["name"]) for item in desired(streamer, situation())}
    assert ("Secret", admin_secret_name(streamer.name)) not in names
