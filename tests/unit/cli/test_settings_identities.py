from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wsi_streamer.settings import InvalidSettings, Settings

OIDC: dict[str, Any] = {
    "s3_bucket": "b",
    "access": "oidc",
    "auth_secret": "a secret to sign with",
    "public_url": "https://slides.test",
    "oidc_issuer": "https://login.test/realms/a",
    "oidc_client_id": "viewer",
    "oidc_client_secret": "hunter2",
    "oidc_rules": '[{"claim": "groups", "value": "a", "roles": ["viewer"], "prefixes": [""]}]',
}


def test_what_identities_are_told() -> None:
    config = Settings(**OIDC).oidc_config()
    assert config is not None
    assert (config.issuer, config.accepted_audiences, len(config.rules)) == (OIDC["oidc_issuer"], ("viewer",), 1)
    assert "hunter2" not in repr(config)
    assert Settings(s3_bucket="b").oidc_config() is None


@pytest.mark.parametrize(
    "url", ["https://slides.test/", "https://slides.test:8443", "http://127.0.0.1:3000", "http://localhost"]
)
def test_public_urls(url: str) -> None:
    assert Settings(**OIDC | {"public_url": url}).public_url == url


def test_only_bearer_tokens_need_no_public_url() -> None:
    bare = {
        "oidc_client_id": None,
        "oidc_client_secret": None,
        "public_url": None,
        "oidc_audience": ("https://api.test",),
    }
    config = Settings(**OIDC | bare).oidc_config()
    assert config is not None
    assert config.accepted_audiences == ("https://api.test",)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"oidc_issuer": None}, "WSI_OIDC_ISSUER"),
        ({"oidc_issuer": "http://login.test"}, "https URL"),
        ({"oidc_client_id": None, "oidc_client_secret": None}, "client id is missing"),
        ({"oidc_client_id": None, "oidc_audience": ("x",)}, "secret without a client id"),
        ({"oidc_scopes": ("profile",)}, "'openid'"),
        ({"oidc_leeway": 3600.0}, "leeway"),
        ({"oidc_rules": "["}, "WSI_OIDC_RULES: the rules are not JSON"),
        ({"oidc_rules": "@/nonexistent.json"}, "can't be read"),
        ({"oidc_ca_bundle": Path("/nonexistent.pem")}, "CA bundle"),
        ({"public_url": None}, "WSI_PUBLIC_URL"),
        ({"public_url": "http://slides.test"}, "without a path"),
        ({"public_url": "https://slides.test/path"}, "without a path"),
        ({"public_url": "https://slides.test?x"}, "without a path"),
        ({"public_url": "https://u:p@slides.test"}, "without a path"),
        ({"public_url": "slides.test"}, "without a path"),
    ],
)
def test_what_is_wrong_is_said(values: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidSettings, match=words):
        Settings(**OIDC | values)
