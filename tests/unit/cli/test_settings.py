from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wsi_streamer.settings import InvalidSettings, Settings, parse_s3_uri, setting_fields

SECRETS = {
    "auth_secret": "hunter2secret",
    "admin_token": "hunter2admin",
    "auditor_token": "hunter2auditor",
    "events_token": "hunter2events",
    "signing_keys": ("hunter2new", "hunter2old"),
    "oidc_client_secret": "hunter2client",
    "database_owner_url": "postgresql://o:hunter2owner@h/d",
    "database_url": "postgresql://u:hunter2db@h/d",
}


def test_defaults_are_those_of_wsistreamer() -> None:
    settings = Settings(s3_bucket="b")
    assert (settings.host, settings.port, settings.s3_region) == ("0.0.0.0", 3000, "us-east-1")
    assert (settings.cache_slides, settings.cache_tiles, settings.cache_blocks) == (100, 100 * 1024 * 1024, 100)
    assert (settings.block_size, settings.jpeg_quality, settings.cache_max_age) == (262144, 80, 3600)
    assert settings.is_open()
    assert settings.access_config().mode == "open"


def test_secrets_are_in_no_repr_and_no_log() -> None:
    settings = Settings(s3_bucket="b", **SECRETS)  # type: ignore[arg-type]
    assert "hunter2" not in repr(settings)
    shown = settings.redacted()
    assert "hunter2" not in repr(shown)
    assert shown["auth_secret"] == "***"
    assert shown["s3_bucket"] == "b"
    assert set(shown) == set(setting_fields())


def test_secret_fields_are_marked() -> None:
    assert {name for name, item in setting_fields().items() if item.metadata["secret"]} == set(SECRETS)


def test_every_variable_is_ours_and_its_own() -> None:
    variables = [item.metadata["env"] for item in setting_fields().values() if item.metadata["env"]]
    assert len(variables) == len(set(variables))
    assert all(variable.startswith("WSI_") for variable in variables)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"s3_bucket": "b/ad name"}, "bucket's name"),
        ({"s3_endpoint": "ftp://x"}, "endpoint"),
        ({"s3_endpoint": "http://user:pw@x"}, "endpoint"),
        ({"s3_endpoint": "http://x/path"}, "endpoint"),
        ({"s3_ca_bundle": Path("/nonexistent.pem")}, "CA bundle"),
        ({"port": 70_000}, "--port"),
        ({"admin_port": 3000}, "must differ"),
        ({"access": "anything"}, "no access mode"),
        ({"access": "oidc"}, "no secret"),
        ({"access": "oidc", "auth_enabled": True, "auth_secret": "s"}, "contradict"),
        ({"signing_keys": (" ",), "access": "signed"}, "no secret"),
        ({"trusted_proxies": ("10.0.0.0/40",)}, "--trusted-proxies"),
        ({"auditor_token": " "}, "WSI_AUDITOR_TOKEN"),
        ({"max_grant_days": 0}, "--max-grant-days"),
        ({"access": "signed"}, "secret"),
        ({"auth_enabled": True}, "secret"),
        ({"auth_enabled": True, "auth_secret": ""}, "secret"),
        ({"auth_enabled": True, "auth_secret": "  "}, "secret"),
        ({"access": "open", "auth_enabled": True, "auth_secret": "s"}, "contradict"),
        ({"admin_token": " "}, "WSI_ADMIN_TOKEN"),
        ({"events_token": "é"}, "WSI_EVENTS_TOKEN"),
        ({"cors_origins": ("example.org",)}, "origin"),
        *(
            ({"frame_ancestors": (origin,)}, "frame")
            for origin in (
                "*",
                "https://*",
                "portal.example.org",
                "https://a.org/path",
                "https://a.org;",
                "https://a.org b",
                "https://*.org",
                "'none'",
                "https:",
                "https://a.*.org",
                "https://user@a.org",
                "data:",
                "https://a.org:x",
                "https://a.org:0",
                "https://a.org:65536",
                "https://Portal.example.org",
                "https://[::1]:8443",
            )
        ),
        ({"cors_origins": ("https://a.org/path",)}, "origin"),
        ({"database_url": "mysql://h/d"}, "postgresql://"),
        ({"database_url": "nonsense"}, "postgresql://"),
        ({"cache_slides": 0}, "--cache-slides"),
        ({"cache_tiles": 0}, "--cache-tiles"),
        ({"cache_blocks": 0}, "--cache-blocks"),
        ({"jpeg_quality": 0}, "--jpeg-quality"),
        ({"jpeg_quality": 101}, "--jpeg-quality"),
        ({"block_size": 1023}, "--block-size"),
        ({"block_size": 16 * 1024 * 1024 + 1}, "--block-size"),
        ({"scan_interval": -1.0}, "--scan-interval"),
        ({"scan_interval": float("nan")}, "--scan-interval"),
        ({"deletion_grace_scans": 0}, "--deletion-grace-scans"),
        ({"index_concurrency": 0}, "--index-concurrency"),
        ({"parse_memory": 1}, "--parse-memory"),
        ({"transcode_threads": 0}, "--transcode-threads"),
        ({"workers": 0}, "--workers"),
    ],
)
def test_what_cannot_be_right_is_refused_in_one_line(values: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        Settings(**{"s3_bucket": "b", **values})
    assert words in caught.value.message
    assert "\n" not in caught.value.message


def test_auth_enabled_means_signed() -> None:
    for settings in (
        Settings(s3_bucket="b", auth_enabled=True, auth_secret="s"),
        Settings(s3_bucket="b", access="signed", auth_secret="s"),
    ):
        assert not settings.is_open()
        assert settings.access_config().secrets == (b"s",)


def test_a_secret_alone_does_not_limit_access() -> None:
    assert Settings(s3_bucket="b", auth_secret="s").access_config().mode == "open"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.0.1"])
def test_admin_api_without_token_stays_on_this_machine(host: str) -> None:
    Settings(s3_bucket="b", admin_host=host).check_admin()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "admin.example.org", ""])
def test_admin_api_on_the_network_needs_a_token(host: str) -> None:
    with pytest.raises(InvalidSettings):
        Settings(s3_bucket="b", admin_host=host).check_admin()
    Settings(s3_bucket="b", admin_host=host, admin_token="t").check_admin()


def test_data_goes_to_the_xdg_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Settings().data_dir == tmp_path / "wsi-streamer"


def test_a_store_needs_a_bucket() -> None:
    with pytest.raises(InvalidSettings):
        Settings().store_config()


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("s3://my-bucket", ("my-bucket", "")),
        ("s3://my-bucket/", ("my-bucket", "")),
        ("s3://my-bucket/a/b c", ("my-bucket", "a/b c")),
        ("my-bucket", ("my-bucket", "")),
        ("my-bucket/2026/", ("my-bucket", "2026/")),
        (" s3://b ", ("b", "")),
    ],
)
def test_s3_uris(uri: str, expected: tuple[str, str]) -> None:
    assert parse_s3_uri(uri) == expected


@pytest.mark.parametrize("uri", ["", "s3://", "s3:///x", "http://bucket", "file://x"])
def test_what_is_no_bucket(uri: str) -> None:
    with pytest.raises(InvalidSettings):
        parse_s3_uri(uri)
