"""The custom resource's schema: documented, bounded, and with the defaults it says it has."""

from __future__ import annotations

import json
import re

from tests.support.crd import Schema, crd, defaulted, fields_of, root_schema, spec_schema
from wsi_operator.resources.environment import reserved_names
from wsi_streamer.settings.settings import setting_fields

LEFT_TO_USERS = {
    "WSI_BLOCK_SIZE", "WSI_CACHE_BLOCKS", "WSI_CACHE_MAX_AGE", "WSI_CACHE_SLIDES", "WSI_CORS_ORIGINS", "WSI_DATABASE_WAIT", "WSI_EDGE_CACHE",
    "WSI_FAILURE_BURST", "WSI_JPEG_QUALITY", "WSI_PARSE_MEMORY", "WSI_PARSE_SECONDS", "WSI_TRANSCODE_THREADS", "WSI_WORKERS",
}  # fmt: skip
"""Settings that no field stands for: extraEnv may set them."""


def every_schema(schema: Schema, path: str = "") -> list[tuple[str, Schema]]:
    """A schema and all schemas in it."""
    found = [(path, schema)]
    for name, field in schema.get("properties", {}).items():
        found += every_schema(field, f"{path}.{name}")
    if "items" in schema:
        found += every_schema(schema["items"], f"{path}[]")
    if isinstance(schema.get("additionalProperties"), dict):
        found += every_schema(schema["additionalProperties"], f"{path}{{}}")
    return found


def test_every_field_has_a_description() -> None:
    bare = [
        path for path, schema in every_schema(root_schema()) if not schema.get("description") and path != ".metadata"
    ]
    assert bare == []


def test_every_field_of_the_spec_says_its_default_or_that_it_is_required() -> None:
    silent = [
        ".".join(path)
        for path, field in fields_of(spec_schema())
        if "properties" not in field and not re.search(r"Default: |Required\.|Needed ", field["description"])
    ]
    # What stands in a list's item, or belongs to Kubernetes, needs no default of its own.
    assert [path for path in silent if not path.startswith(("networkPolicy.", "tolerations", "extraEnv"))] == []


def test_described_defaults_are_the_defaults() -> None:
    for path, field in fields_of(spec_schema()):
        default = field.get("default")
        if default is None or isinstance(default, (dict, list)):
            continue
        shown = json.dumps(default) if default in (True, False, "") else str(default)
        assert re.search(rf"Default: {re.escape(shown)}(\.| \()", field["description"]), ".".join(path)


def test_units_are_said() -> None:
    for path, field in fields_of(spec_schema()):
        said = field["description"].lower()
        for ending, word in (("Seconds", "seconds"), ("Hours", "hours"), ("Size", "s"), ("Utilization", "percent")):
            if path[-1].endswith(ending):
                assert word in said, ".".join(path)


def test_everything_is_bounded() -> None:
    for path, schema in every_schema(root_schema()):
        kind = schema.get("type")
        known = path in ("", ".apiVersion", ".kind", ".metadata", ".metadata.name")
        if schema.get("x-kubernetes-int-or-string") or (kind == "string" and not known):
            assert {"maxLength", "enum", "format"} & set(schema), path
        if kind == "integer":
            assert {"minimum", "format"} <= set(schema), path
            # The API server keeps bounds as floats: those of 64 bits overflow there, and then nothing is below them.
            assert schema["maximum"] < 2**53 if path.startswith(".spec") else schema.get("maximum", 0) < 2**53, path
        if kind == "array":
            assert {"maxItems", "items", "x-kubernetes-list-type"} <= set(schema), path
        if "additionalProperties" in schema:
            assert "maxProperties" in schema, path


def test_rules_speak_in_sentences() -> None:
    rules = [rule for _, schema in every_schema(root_schema()) for rule in schema.get("x-kubernetes-validations", ())]
    assert len(rules) > 60
    for rule in rules:
        said = rule.get("message") or rule["messageExpression"].strip("'")
        assert said[0].isalpha(), said
        assert said.endswith((".", ")", "@'.", "/32).")), said
        assert len(said) < 300


def test_defaults_are_filled_in_as_by_the_server() -> None:
    spec = defaulted(
        {"storage": {"bucket": "b", "caBundleRef": {"name": "ca"}}, "exposure": None, "tiles": {"replicas": 7}}
    )
    assert spec["storage"]["caBundleRef"] == {"kind": "ConfigMap", "name": "ca", "key": "ca.crt"}
    assert spec["exposure"] == {"type": "None"}
    assert spec["tiles"]["replicas"] == 7
    assert spec["tiles"]["pdb"] == {"enabled": True, "maxUnavailable": 1}
    assert "access" not in spec
    assert "intervalSeconds" not in spec["indexer"]


def test_extra_env_refuses_what_has_a_field_and_nothing_else() -> None:
    """A setting that is added to the services has to be put on one side or the other."""
    (rules,) = [
        rule["rule"]
        for rule in spec_schema()["properties"]["extraEnv"]["items"]["x-kubernetes-validations"]
        if "self.name in [" in rule["rule"]
    ]
    refused = set(re.findall(r"'([A-Z0-9_]+)'", rules))
    settings = {field.metadata["env"] for field in setting_fields().values()} - {None}
    assert settings - refused == LEFT_TO_USERS
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} <= refused


def test_it_scales_by_its_tile_pods() -> None:
    (version,) = crd()["spec"]["versions"]
    assert version["subresources"]["scale"]["specReplicasPath"] == ".spec.tiles.replicas"
    assert "tiles" in spec_schema()["properties"]


def test_extra_env_refuses_all_that_the_operator_sets() -> None:
    (rule,) = [
        rule["rule"]
        for rule in spec_schema()["properties"]["extraEnv"]["items"]["x-kubernetes-validations"]
        if "self.name in [" in rule["rule"]
    ]
    assert reserved_names() <= set(re.findall(r"'([A-Z0-9_]+)'", rule))
