"""The builders' manifests on a real API server: it takes them as they are, in a namespace where Pod Security is enforced, and
writes them back as they were written. Otherwise the operator would find drift where there is none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.api_server import ApiServer
from tests.unit.operator.samples import SAMPLES, situation, streamer_of
from wsi_operator.resources.children import desired, migration_job
from wsi_operator.resources.kinds import KINDS
from wsi_operator.resources.labels import MANAGER

OPTIONAL = {kind.kind for kind in KINDS if kind.optional}
APPLY = ("apply", "--server-side", f"--field-manager={MANAGER}", "--force-conflicts", "-f", "-")


def _manifests(name: str, namespace: str) -> list[dict[str, Any]]:
    """Without pods: nothing of them would run here."""
    streamer = streamer_of(SAMPLES[name])
    found = [migration_job(streamer, situation()), *desired(streamer, situation())]
    for manifest in found:
        manifest["metadata"]["namespace"] = namespace
        del manifest["metadata"]["ownerReferences"]  # its owner isn't there, and so it would be collected
        if "replicas" in manifest.get("spec", {}):
            manifest["spec"]["replicas"] = 0
        if manifest["kind"] == "Job":
            manifest["spec"]["suspend"] = True
    return [manifest for manifest in found if manifest["kind"] not in OPTIONAL]


def _differences(said: Any, stored: Any, path: str = "") -> Iterator[str]:
    """Where what is stored isn't what was said."""
    if isinstance(said, dict):
        for name, value in said.items():
            if name not in stored:
                yield f"{path}.{name} is gone"
            else:
                yield from _differences(value, stored[name], f"{path}.{name}")
    elif isinstance(said, list) and isinstance(stored, list) and len(said) == len(stored):
        for number, pair in enumerate(zip(said, stored, strict=True)):
            yield from _differences(*pair, f"{path}[{number}]")
    elif said != stored:
        yield f"{path}: {said!r} became {stored!r}"


def _lasting(stored: dict[str, Any]) -> dict[str, Any]:
    """Without what controllers write, and without times."""
    metadata = {
        name: value for name, value in stored["metadata"].items() if name not in ("resourceVersion", "managedFields")
    }
    return {name: value for name, value in stored.items() if name != "status"} | {"metadata": metadata}


@pytest.mark.parametrize("name", SAMPLES)
async def test_manifests_are_stored_as_they_are_and_the_second_time_changes_nothing(
    server: ApiServer, name: str
) -> None:
    async with server.namespace() as namespace:
        manifests = _manifests(name, namespace)
        together = json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests})
        stored = []
        for _ in range(2):
            said = await server.must(*APPLY, stdin=together)
            assert "Warning" not in said
            found = json.loads(await server.must("get", "-o", "json", "-f", "-", stdin=together))["items"]
            stored.append([_lasting(item) for item in found])
        assert stored[0] == stored[1]
        for manifest, item in zip(manifests, stored[1], strict=True):
            assert list(_differences(manifest, item)) == [], f"{item['kind']} {item['metadata']['name']}"
