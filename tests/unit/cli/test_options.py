from __future__ import annotations

from typing import Any

import click
import pytest
from click.testing import CliRunner

from wsi_streamer.cli import main
from wsi_streamer.cli.options import SettingsCommand, settings_from, settings_options
from wsi_streamer.settings import (
    ACCESS,
    ADDRESS,
    ADMIN,
    CATALOG,
    INDEXING,
    LOGS,
    SERVING,
    SLIDES,
    Settings,
    setting_fields,
)

ALL = (SLIDES, ADDRESS, ACCESS, ADMIN, CATALOG, INDEXING, SERVING, LOGS)


def parse(*args: str, env: dict[str, str] | None = None) -> Settings:
    """What `serve` would run with."""
    seen: list[Settings] = []

    @click.command("serve", cls=SettingsCommand)
    @settings_options(*ALL, s3_uri=True)
    def command(**values: Any) -> None:
        seen.append(settings_from(values))

    result = CliRunner().invoke(command, args, env=env, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return seen[0]


def test_nothing_given_is_all_defaults() -> None:
    assert parse("s3://b") == Settings(s3_bucket="b")


def test_wsistreamers_options() -> None:
    settings = parse(
        "s3://b", "--host", "127.0.0.1", "-p", "8080", "--s3-endpoint", "http://minio:9000", "--s3-region", "eu-west-1",
        "--auth-enabled", "--auth-secret", "s", "--cache-slides", "5", "--cache-tiles", "1000", "--cache-blocks", "7",
        "--block-size", "4096", "--jpeg-quality", "90", "--cache-max-age", "60", "--cors-origins",
        "https://a.org,https://b.org/", "-v", "--no-tracing",
    )  # fmt: skip
    assert settings == Settings(
        s3_bucket="b", host="127.0.0.1", port=8080, s3_endpoint="http://minio:9000", s3_region="eu-west-1",
        auth_enabled=True, auth_secret="s", cache_slides=5, cache_tiles=1000, cache_blocks=7, block_size=4096,
        jpeg_quality=90, cache_max_age=60, cors_origins=("https://a.org", "https://b.org"), verbose=True, no_tracing=True,
    )  # fmt: skip


def test_wsistreamers_variables() -> None:
    env = {
        "WSI_S3_BUCKET": "b", "WSI_HOST": "127.0.0.1", "WSI_PORT": "8080", "WSI_S3_ENDPOINT": "http://minio:9000",
        "WSI_S3_REGION": "eu-west-1", "WSI_AUTH_ENABLED": "true", "WSI_AUTH_SECRET": "s", "WSI_CACHE_SLIDES": "5",
        "WSI_CACHE_TILES": "1000", "WSI_CACHE_BLOCKS": "7", "WSI_BLOCK_SIZE": "4096", "WSI_JPEG_QUALITY": "90",
        "WSI_CACHE_MAX_AGE": "60", "WSI_CORS_ORIGINS": "https://a.org,https://b.org",
    }  # fmt: skip
    assert parse(env=env) == Settings(
        s3_bucket="b", host="127.0.0.1", port=8080, s3_endpoint="http://minio:9000", s3_region="eu-west-1",
        auth_enabled=True, auth_secret="s", cache_slides=5, cache_tiles=1000, cache_blocks=7, block_size=4096,
        jpeg_quality=90, cache_max_age=60, cors_origins=("https://a.org", "https://b.org"),
    )  # fmt: skip


def test_every_setting_with_a_variable_reads_it() -> None:
    values: dict[str, Any] = {
        "s3_prefix": "p/", "s3_addressing": "path", "s3_timeout": 5.0, "s3_max_attempts": 2, "access": "signed",
        "auth_secret": "s", "admin_host": "127.0.0.2", "admin_port": 9, "admin_token": "t", "events_token": "e",
        "database_url": "postgresql://h/d", "database_pool_size": 2, "database_pgbouncer": True, "scan_interval": 0.0,
        "index_concurrency": 1, "parse_memory": 2**29, "parse_seconds": 9.0, "transcode_threads": 3, "workers": 2, "log_format": "json",
        "scan_schedule": "0 3 * * *", "deletion_grace_scans": 5,
    }  # fmt: skip
    table = setting_fields()
    env = {table[name].metadata["env"]: str(value) for name, value in values.items()}
    assert parse("b", env=env) == Settings(s3_bucket="b", **values)


def test_an_option_wins_over_its_variable() -> None:
    assert parse("b", "--port", "1", env={"WSI_PORT": "2"}).port == 1
    assert parse("s3://b", env={"WSI_S3_BUCKET": "other"}).s3_bucket == "b"
    assert parse("s3://b/x", env={"WSI_S3_PREFIX": "y"}).s3_prefix == "x"


@pytest.mark.parametrize(("text", "on"), [("true", True), ("1", True), ("false", False), ("0", False), ("", False)])
def test_auth_enabled_as_a_variable(text: str, on: bool) -> None:
    assert parse("b", env={"WSI_AUTH_ENABLED": text, "WSI_AUTH_SECRET": "s"}).auth_enabled is on


@pytest.mark.parametrize(
    ("args", "on"), [(["--auth-enabled"], True), (["--auth-enabled=true"], True), (["--auth-enabled=false"], False)]
)
def test_auth_enabled_as_an_option_never_takes_the_bucket(args: list[str], on: bool) -> None:
    settings = parse(*args, "--auth-secret", "s", "s3://b", env={"WSI_AUTH_ENABLED": "true"})
    assert (settings.s3_bucket, settings.auth_enabled) == ("b", on)


def test_origins_repeated() -> None:
    assert parse("b", "--cors-origins", "https://a.org", "--cors-origins", "https://b.org").cors_origins == (
        "https://a.org",
        "https://b.org",
    )
    assert parse("b").cors_origins is None


def run(*args: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(main, args, env=env)
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        ([], 1, "No bucket is given"),
        (["serve"], 1, "No bucket is given"),
        (["s3://"], 1, "name is missing"),
        (["http://x"], 1, "--s3-endpoint"),
        (["b", "--jpeg-quality", "0"], 1, "--jpeg-quality"),
        (["b", "--access", "nonsense"], 1, "no access mode"),
        (["b", "--scan-schedule", "0 25 * * *"], 1, "WSI_SCAN_SCHEDULE"),
        (["index", "b", "--scan-schedule", "daily"], 1, "WSI_SCAN_SCHEDULE"),
        (["b", "--admin-host", "0.0.0.0"], 1, "WSI_ADMIN_TOKEN"),
        (["--auth-enabled", "b"], 1, "no secret"),
        (["b", "--auth-enabled=maybe"], 2, "maybe"),
        (["b", "--port", "x"], 2, "--port"),
        (["b", "--nonsense"], 2, "--nonsense"),
        (["b", "c"], 2, "unexpected"),
        (["reindex"], 2, "--all"),
        (["reindex", "--all", "--key", "a"], 2, "--all"),
        (["explain"], 2, "KEY"),
        (["index", "b", "--host", "x"], 2, "--host"),
    ],
)
def test_refusals_are_told_in_a_line(args: list[str], code: int, words: str) -> None:
    found, output = run(*args, env={"WSI_S3_BUCKET": "", "WSI_AUTH_SECRET": ""})
    assert (found, "Traceback" in output) == (code, False)
    assert words in output


def test_a_bucket_named_like_a_command_is_written_as_a_url() -> None:
    code, output = run("s3://check", "--access", "nonsense")
    assert (code, "no access mode" in output) == (1, True)


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version(option: str) -> None:
    assert run(option) == (0, "wsi-streamer 0.1.0\n")


def test_help_names_all_commands_and_settings() -> None:
    code, output = run("--help")
    assert code == 0
    for name in ("serve", "check", "sign", "grant", "index", "tiles", "migrate", "reindex", "explain"):
        assert f"\n  {name} " in output
        assert run(name, "--help")[0] == 0
    output = run("serve", "--help")[1]
    assert all(item.metadata["env"] in output for item in setting_fields().values() if item.metadata["env"])
