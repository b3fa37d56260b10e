"""The custom resource's schema as the API server reads it, for tests that have no API server."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

CRD_FILE = Path(__file__).parents[2] / "charts" / "wsi-streamer-operator" / "files" / "crd.yaml"

Schema = dict[str, Any]


@cache
def crd() -> dict[str, Any]:
    """The CustomResourceDefinition; nobody changes it."""
    return cast(dict[str, Any], yaml.safe_load(CRD_FILE.read_text(encoding="utf-8")))


def root_schema() -> Schema:
    """Of the whole object: apiVersion, kind, metadata, spec, status."""
    (version,) = crd()["spec"]["versions"]
    return cast(Schema, version["schema"]["openAPIV3Schema"])


def spec_schema() -> Schema:
    """Of ``spec``."""
    return cast(Schema, root_schema()["properties"]["spec"])


def defaulted(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a spec with the schema's defaults filled in, as the API server does it; what is null and has a default
    counts as missing. It checks nothing."""
    return cast(dict[str, Any], _filled(copy.deepcopy(dict(spec)), spec_schema()))


def fields_of(schema: Schema, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Schema]]:
    """Every field below a schema with its path; those of a list's items stand under the list's own path."""
    for name, field in schema.get("properties", {}).items():
        yield (*path, name), field
        yield from fields_of(field, (*path, name))
    if "items" in schema:
        yield from fields_of(schema["items"], path)


def _filled(value: Any, schema: Schema) -> Any:
    if isinstance(value, dict):
        for name, field in schema.get("properties", {}).items():
            if value.get(name) is None and "default" in field:
                value[name] = copy.deepcopy(field["default"])
            if name in value:
                value[name] = _filled(value[name], field)
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict):
            return {name: _filled(item, extra) for name, item in value.items()}
    if isinstance(value, list) and "items" in schema:
        return [_filled(item, schema["items"]) for item in value]
    return value
