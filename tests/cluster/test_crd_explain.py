"""``kubectl explain`` is documentation."""

from __future__ import annotations

import asyncio

import yaml

from tests.cluster.api_server import ApiServer
from tests.support.crd import CRD_FILE, Schema, crd, fields_of, root_schema


async def test_the_cluster_has_this_very_definition(server: ApiServer) -> None:
    """So that the tests beside this one say something about the file."""
    there = yaml.safe_load(await server.must("get", "crd", crd()["metadata"]["name"], "-o", "yaml"))
    applied = yaml.safe_load(
        await server.must("apply", "--server-side", "--force-conflicts", "--dry-run=server", "-o", "yaml", "-f", str(CRD_FILE))
    )
    assert there["spec"] == applied["spec"]


async def test_every_field_is_described_where_a_user_looks_for_it(server: ApiServer) -> None:
    parents = [(("spec",), root_schema()["properties"]["spec"])]
    parents += [((*path,), field) for path, field in fields_of(root_schema()) if _inner(field) and path != ("spec",)]
    assert len(parents) > 30
    at_a_time = asyncio.Semaphore(4)

    async def explained(path: tuple[str, ...], field: Schema) -> None:
        async with at_a_time:
            text = await server.must("explain", ".".join(("wsistreamer", *path)))
        words = " ".join(text.split())
        assert " ".join(field["description"].split()) in words
        for name, inner in _inner(field).items():
            assert f" {name} <" in words
            assert " ".join(inner["description"].split()) in words, (*path, name)

    await asyncio.gather(*(explained(path, field) for path, field in parents))


async def test_all_of_it_at_once_names_every_field(server: ApiServer) -> None:
    text = await server.must("explain", "wsistreamer.spec", "--recursive")
    names = {line.split("\t")[0].strip() for line in text.splitlines() if "\t" in line}
    assert {path[-1] for path, _ in fields_of(root_schema()["properties"]["spec"])} <= names


def _inner(field: Schema) -> dict[str, Schema]:
    inner: dict[str, Schema] = field.get("items", field).get("properties", {})
    return inner


