"""The operator and the services know each other by environment variables: what the one sets the other must read, and mean
the same by it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples

from tests.support.crd import fields_of, spec_schema
from tests.unit.operator.samples import INGRESS, MINIMAL, OIDC, SAMPLES, streamer_of
from tests.unit.operator.strategies import specs
from wsi_operator.resources.environment import VARIABLES, environment, reserved_names
from wsi_operator.resources.labels import Component
from wsi_operator.resources.paths import RULES_FILE
from wsi_operator.resources.ports import ADMIN_PORT, HTTP_PORT
from wsi_operator.resources.rules import rules_text
from wsi_operator.spec.streamer import WSIStreamer
from wsi_streamer.cli.audit_prune import command as prune
from wsi_streamer.cli.index import command as index
from wsi_streamer.cli.migrate import command as migrate
from wsi_streamer.cli.options import settings_from
from wsi_streamer.cli.tiles import command as tiles
from wsi_streamer.settings import Settings, setting_fields

COMMANDS: dict[Component, click.Command] = {
    Component.TILES: tiles,
    Component.INDEXER: index,
    Component.MIGRATE: migrate,
    Component.AUDIT: prune,
}

NOT_OURS = {
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",  # botocore reads them
    "PGSSLMODE", "PGSSLROOTCERT",  # asyncpg reads them
}  # fmt: skip

LEFT_ALONE = {
    "WSI_HOST": "all addresses of the pod are the default",
    "WSI_AUTH_ENABLED": "WSI_ACCESS says it",
    "WSI_AUTH_SECRET": "WSI_SIGNING_KEYS holds one or several",
    "WSI_FAILURE_BURST": "the default suits; spec.extraEnv may say otherwise",
    "WSI_CORS_ORIGINS": "the default follows the mode of access; spec.extraEnv may name origins",
    "WSI_PARSE_MEMORY": "of address space, not of the pod's memory; spec.extraEnv may say otherwise",
    "WSI_PARSE_SECONDS": "the default suits; spec.extraEnv may say otherwise",
    "WSI_CACHE_SLIDES": "the default suits; spec.extraEnv may say otherwise",
    "WSI_CACHE_BLOCKS": "it has no effect",
    "WSI_BLOCK_SIZE": "the default suits; spec.extraEnv may say otherwise",
    "WSI_JPEG_QUALITY": "the default suits; spec.extraEnv may say otherwise",
    "WSI_CACHE_MAX_AGE": "the default suits; spec.extraEnv may say otherwise",
    "WSI_EDGE_CACHE": "only for an nginx that asks /access, which no Ingress of ours does",
    "WSI_WORKERS": "one process a pod: replicas scale, and a pod's limits are one process's",
}
"""Settings that the operator doesn't set, and why."""

SECRETS = {
    "WSI_DATABASE_URL": "postgresql://services:p@db/wsi",
    "WSI_DATABASE_OWNER_URL": "postgresql://owner:p@db/wsi",
    "WSI_SIGNING_KEYS": "a-secret-that-is-long-enough,an-older-one-that-is-too",
}

fewer = examples(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)


def _variables() -> set[str]:
    return {str(item.metadata["env"]) for item in setting_fields().values() if item.metadata["env"]}


def test_every_variable_is_a_setting() -> None:
    assert {variable.name for variable in VARIABLES} - NOT_OURS <= _variables()


def test_every_setting_is_set_or_left_alone_for_a_reason() -> None:
    named = {variable.name for variable in VARIABLES}
    assert _variables() - named == set(LEFT_ALONE)


@pytest.mark.parametrize("component", Component)
def test_each_command_reads_what_its_pod_is_given(component: Component) -> None:
    given_names = {variable.name for variable in VARIABLES if component in variable.components}
    read = {str(option.envvar) for option in COMMANDS[component].params if option.envvar}
    assert given_names - NOT_OURS <= read


def test_the_crd_refuses_exactly_the_names_that_the_operator_sets() -> None:
    (rule,) = [
        rule["rule"]
        for path, field in fields_of(spec_schema())
        if path == ("extraEnv",)
        for rule in field["items"]["x-kubernetes-validations"]
        if " in [" in rule["rule"]
    ]
    refused = set(re.findall(r"'(\w+)'", rule))
    # These would say again what WSI_ACCESS and WSI_SIGNING_KEYS say, or take the ports from under the probes.
    assert refused - {"WSI_AUTH_ENABLED", "WSI_AUTH_SECRET", "WSI_HOST"} == reserved_names()


@contextmanager
def _settings(streamer: WSIStreamer, component: Component, folder: Path) -> Iterator[Settings]:
    """What a pod's command makes of its environment, with secrets and files in place."""
    found = {}
    for entry in environment(streamer, component):
        value = entry.get("value", "").replace("$$", "$")  # as the kubelet does
        if "valueFrom" in entry:
            value = SECRETS.get(entry["name"], "80")
        found[entry["name"]] = value.replace("/etc/wsi-streamer", str(folder))
    for peer in ("storage", "database", "oidc"):
        file = folder / "ca" / peer / "ca.crt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    rules = folder / "access" / RULES_FILE
    rules.parent.mkdir(exist_ok=True)
    rules.write_text(rules_text(streamer) or "[]", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name in (*_variables(), *NOT_OURS):
            patch.delenv(name, raising=False)
        for name, value in found.items():
            patch.setenv(name, value)
        with COMMANDS[component].make_context("x", []) as context:
            settings = settings_from(context.params)
        if component is Component.INDEXER:
            settings.check_admin()
        yield settings


@fewer
@given(specs())
def test_the_services_take_whatever_a_valid_spec_says(tmp_path: Path, spec: dict[str, Any]) -> None:
    streamer = streamer_of(spec)
    for component in Component:
        with _settings(streamer, component, tmp_path) as settings:
            assert settings.database_url == SECRETS["WSI_DATABASE_URL"]
            assert settings.log_format == "json"
            if component in (Component.TILES, Component.INDEXER):
                _check_services(streamer, settings)


def _check_services(streamer: WSIStreamer, settings: Settings) -> None:
    spec = streamer.spec
    assert (settings.s3_bucket, settings.s3_prefix) == (spec.storage.bucket, spec.storage.prefix)
    assert (settings.s3_endpoint, settings.s3_region) == (spec.storage.endpoint, spec.storage.region)
    assert (settings.s3_timeout, settings.s3_max_attempts) == (spec.storage.timeout_seconds, spec.storage.max_attempts)
    assert settings.access_mode() == spec.access.mode
    config = settings.access_config()
    assert config.max_grant_seconds == spec.access.max_ttl_seconds
    assert config.public_url == spec.exposure.url()
    assert len(settings.secrets()) == (0 if spec.access.mode == "open" else 2)
    assert settings.audit_config().required == spec.access.audit.required
    assert settings.audit_config().spool_bytes == spec.access.audit.spool_bytes()
    oidc = spec.access.oidc
    assert (config.oidc is not None) == (oidc is not None)
    if config.oidc is not None and oidc is not None:
        assert (config.oidc.issuer, config.oidc.leeway) == (oidc.issuer, oidc.leeway_seconds)
        assert config.oidc.accepted_audiences == oidc.accepted_audiences()
        assert len(config.oidc.rules) == len(oidc.rules)


def test_a_tile_worker_of_a_full_spec(tmp_path: Path) -> None:
    with _settings(streamer_of(INGRESS), Component.TILES, tmp_path) as settings:
        assert settings.cache_tiles == 1024**3
        assert settings.transcode_threads == 6, "extraEnv says otherwise"
        assert settings.trusted_proxies == ("10.0.0.0/8", "fd00::1")
        assert settings.frame_ancestors == ("https://portal.hospital.example", "https://*.clinic.example:8443")
        assert (settings.expose_label, settings.expose_macro) == (True, True)
        assert settings.public_url == "https://slides.hospital.example"
        assert (settings.port, settings.admin_port) == (HTTP_PORT, ADMIN_PORT)
        assert settings.s3_ca_bundle == tmp_path / "ca" / "storage" / "ca.crt"
        assert settings.database_pgbouncer is True
        assert settings.database_pool_size == 8
        assert settings.edge_cache is False
        assert settings.admin_token is None
        assert settings.audit_required is False


def test_an_indexer_of_a_full_spec(tmp_path: Path) -> None:
    with _settings(streamer_of(INGRESS), Component.INDEXER, tmp_path) as settings:
        assert settings.scan_schedule == "0 2 * * *"
        assert settings.index_concurrency == 8
        assert settings.deletion_grace_scans == 3
        assert settings.admin_host == "0.0.0.0"
        assert settings.admin_token


def test_an_indexer_that_looks_only_on_request(tmp_path: Path) -> None:
    with _settings(streamer_of(SAMPLES["autoscaled"]), Component.INDEXER, tmp_path) as settings:
        assert (settings.scan_interval, settings.scan_schedule) == (0, None)


@pytest.mark.parametrize(("component", "months"), [(Component.AUDIT, 120), (Component.MIGRATE, 72)])
def test_jobs_work_as_the_tables_owner(tmp_path: Path, component: Component, months: int) -> None:
    with _settings(streamer_of(INGRESS), component, tmp_path) as settings:
        assert settings.database_owner_url == SECRETS["WSI_DATABASE_OWNER_URL"]
        assert settings.audit_retention_months == months
        assert settings.s3_bucket == ""


def test_identities(tmp_path: Path) -> None:
    streamer = streamer_of(OIDC)
    with _settings(streamer, Component.TILES, tmp_path) as settings:
        config = settings.oidc_config()
        assert config is not None
        assert (config.client_id, config.client_secret, config.scopes) == (
            "wsi-streamer",
            "80",
            ("openid", "profile", "email"),
        )
        assert settings.session_hours == 12
        assert [rule.value for rule in config.rules] == ["pathology", "students", "research", "slides-admin"]
        assert config.rules[2].prefixes_claim == "wsi_prefixes"
        assert config.ca_bundle == tmp_path / "ca" / "oidc" / "ca.crt"
    with _settings(streamer, Component.INDEXER, tmp_path) as settings:
        config = settings.oidc_config()
        assert config is not None
        assert (config.client_id, config.client_secret) == (None, None)
        assert config.accepted_audiences == ("wsi-streamer",)


@pytest.mark.parametrize(
    ("resources", "threads"),
    [
        ({"requests": {"cpu": "500m"}}, 2),
        ({"requests": {"cpu": "3"}}, 6),
        ({"limits": {"cpu": "3500m"}}, 4),
        ({"requests": {"cpu": "100m"}, "limits": {"cpu": "1"}}, 2),
        ({}, 2),
    ],
)
def test_threads_follow_the_pods_cores_not_the_nodes(tmp_path: Path, resources: dict[str, Any], threads: int) -> None:
    spec = {**MINIMAL, "tiles": {"resources": resources}}
    with _settings(streamer_of(spec), Component.TILES, tmp_path) as settings:
        assert settings.transcode_threads == threads
