"""``kubectl explain`` is documentation."""

from __future__ import annotations

from tests.support.api_server import ApiServer
from tests.support.crd import Schema, fields_of, root_schema


async def test_every_field_is_described_where_a_user_looks_for_it(server: ApiServer) -> None:
    parents: list[tuple[tuple[str, ...], Schema]] = []
    parents += [
        ((*path,), field) for path, field in fields_of(root_schema()) if _inner(field) and path[0] != "metadata"
    ]
    assert len(parents) > 30
    missing: list[str] = []
    for path, field in parents:
        text = await server.must("explain", ".".join(("wsistreamer", *path)))
        # It wraps lines, and writes the angle brackets of a field's type with tabs.
        words = " ".join(text.split())
        for name, inner in (("", field), *_inner(field).items()):
            if " ".join(inner["description"].split()) not in words or f"{name} <" not in words:
                missing.append(".".join((*path, name)))
    assert missing == []


async def test_all_of_it_at_once_names_every_field(server: ApiServer) -> None:
    text = await server.must("explain", "wsistreamer.spec", "--recursive")
    names = {line.split("\t")[0].strip() for line in text.splitlines() if "\t" in line}
    assert {path[-1] for path, _ in fields_of(root_schema()["properties"]["spec"])} <= names


def _inner(field: Schema) -> dict[str, Schema]:
    inner: dict[str, Schema] = field.get("items", field).get("properties", {})
    return inner
