"""What may be changed in a WSIStreamer that exists, by edit and by the scale subresource."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest_asyncio

from tests.support.api_server import ApiServer, Said
from tests.support.streamers import MINIMAL, changed, streamer

SUSPENDED = changed(MINIMAL, {"suspend": True})

REFUSED: dict[str, tuple[Mapping[str, Any], str]] = {
    "another bucket": (
        {"storage.bucket": "other"},
        "make a new WSIStreamer, with a database of its own, for another bucket",
    ),
    "a prefix given later": ({"storage.prefix": "study-7/"}, "storage.prefix can't be changed or given later"),
    "no bucket any more": ({"storage.bucket": None}, "Say in storage.bucket where the slides are"),
    "no access any more": ({"access": None}, "Say in access.mode who may see slides"),
}

ACCEPTED: dict[str, Mapping[str, Any]] = {
    "the prefix as it was": {"storage.prefix": ""},
    "another endpoint": {"storage.endpoint": "https://s3.example.org"},
    "another database": {"database.urlSecretRef.name": "other"},
    "another mode": {"access": {"mode": "signed", "signingKeysSecretRef": {"name": "wsi-keys"}}},
    "more indexers": {"indexer.replicas": {"min": 3, "max": 3}},
}


@pytest_asyncio.fixture
async def namespace(server: ApiServer) -> AsyncIterator[str]:
    """With one WSIStreamer, "slides", whose pods are not wanted."""
    async with server.namespace() as name:
        await server.must("-n", name, "create", "-f", "-", stdin=json.dumps(streamer(SUSPENDED)))
        yield name


async def replaced(server: ApiServer, namespace: str, changes: Mapping[str, Any]) -> Said:
    """What `kubectl replace` of the resource, so changed, is told; nothing is kept."""
    manifest = json.dumps(streamer(changed(SUSPENDED, changes)))
    return await server.ask("-n", namespace, "replace", "--dry-run=server", "-f", "-", stdin=manifest)


async def test_bucket_and_prefix_stay_and_the_rest_may_change(server: ApiServer, namespace: str) -> None:
    for case, (changes, sentence) in REFUSED.items():
        said = await replaced(server, namespace, changes)
        assert not said.accepted, case
        assert sentence in said.text
    for case, changes in ACCEPTED.items():
        said = await replaced(server, namespace, changes)
        assert said.accepted, f"{case}: {said.text}"


async def test_a_prefix_that_was_given_can_not_be_taken_away(server: ApiServer, namespace: str) -> None:
    confined = changed(SUSPENDED, {"storage.prefix": "study-7/"})
    await server.must("-n", namespace, "create", "-f", "-", stdin=json.dumps(streamer(confined, "confined")))
    for prefix in (None, "", "study-8/"):
        wanted = streamer(changed(confined, {"storage.prefix": prefix}), "confined")
        said = await server.ask("-n", namespace, "replace", "--dry-run=server", "-f", "-", stdin=json.dumps(wanted))
        assert not said.accepted, prefix
        assert "storage.prefix can't be changed" in said.text


async def test_it_can_be_scaled_like_a_deployment(server: ApiServer, namespace: str) -> None:
    await server.must("-n", namespace, "scale", "wsi/slides", "--replicas=5")
    spec = await server.must("-n", namespace, "get", "wsi", "slides", "-o", "jsonpath={.spec.tiles.replicas}")
    assert spec == "5"

    selector = "app.kubernetes.io/instance=slides,app.kubernetes.io/component=tiles"
    patch = json.dumps({"status": {"replicas": 4, "selector": selector}})
    await server.must("-n", namespace, "patch", "wsi", "slides", "--subresource=status", "--type=merge", "-p", patch)
    path = f"/apis/wsistreamer.io/v1alpha1/namespaces/{namespace}/wsistreamers/slides/scale"
    scale = json.loads(await server.must("get", "--raw", path))
    assert scale["spec"]["replicas"] == 5
    assert scale["status"] == {"replicas": 4, "selector": selector}

    said = await server.ask("-n", namespace, "scale", "wsi/slides", "--replicas=1001")
    assert not said.accepted
    assert "should be less than or equal to 1000" in said.text


async def test_status_is_written_by_its_subresource_alone(server: ApiServer, namespace: str) -> None:
    patch = json.dumps({"status": {"url": "https://elsewhere.example.org"}, "metadata": {"labels": {"a": "b"}}})
    await server.must("-n", namespace, "patch", "wsi", "slides", "--type=merge", "-p", patch)
    found = json.loads(await server.must("-n", namespace, "get", "wsi", "slides", "-o", "json"))
    assert found["metadata"]["labels"] == {"a": "b"}
    assert "url" not in found.get("status", {})


async def test_all_of_the_status_can_be_written_and_is_shown(server: ApiServer, namespace: str) -> None:
    condition = {
        "type": "Ready",
        "status": "False",
        "reason": "DatabaseUnreachable",
        "message": "The database can't be reached: look at its Service.",
        "lastTransitionTime": "2026-11-21T10:00:00Z",
        "observedGeneration": 1,
    }
    status = {
        "observedGeneration": 1,
        "conditions": [condition],
        "replicas": 3,
        "readyReplicas": 2,
        "selector": "a=b",
        "slides": {"indexed": 3_000_000_000, "failed": 1, "unsupported": 2, "backlog": 0},
        "lastScanTime": "2026-11-21T10:00:00Z",
        "observedReindexRequest": "2026-11-21",
        "url": "https://slides.example.org",
        "image": "registry.example.org/wsi-streamer:0.1.0",
    }
    patch = json.dumps({"status": status})
    await server.must("-n", namespace, "patch", "wsi", "slides", "--subresource=status", "--type=merge", "-p", patch)
    found = json.loads(await server.must("-n", namespace, "get", "wsi", "slides", "-o", "json"))
    assert found["status"] == status
    _, row = (await server.must("-n", namespace, "get", "wsi")).splitlines()
    assert row.split()[:6] == [
        "slides",
        "False",
        "DatabaseUnreachable",
        "2",
        "3000000000",
        "https://slides.example.org",
    ]


async def test_what_kubectl_get_shows(server: ApiServer, namespace: str) -> None:
    header, row = (await server.must("-n", namespace, "get", "wsi")).splitlines()
    assert header.split() == ["NAME", "READY", "REASON", "TILES", "INDEXED", "URL", "AGE"]
    assert row.startswith("slides ")
    assert "slides" in await server.must("-n", namespace, "get", "all", "-o", "name")
