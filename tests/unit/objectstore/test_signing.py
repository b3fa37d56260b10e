"""Signatures equal botocore's, byte for byte."""

from __future__ import annotations

import datetime
from unittest import mock

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from hypothesis import given
from hypothesis import strategies as st

from tests.support.odd_keys import ODD_KEYS
from wsi_streamer.objectstore.credentials import Credentials
from wsi_streamer.objectstore.signing import EMPTY_SHA256, S3Auth
from wsi_streamer.objectstore.targets import encode_key, encode_query

NOW = datetime.datetime(2026, 3, 4, 5, 6, 7, tzinfo=datetime.UTC)
ACCESS, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60)
DOTTED = ["a/../b.svs", "./a.svs", "../a.svs", "a//b.svs", "/a.svs", "a/./b.svs", "a/.."]


def ours(method: str, path: str, query: str, token: str | None) -> str:
    auth = S3Auth("s3.example.org:9000", "eu-west-3", NOW.timestamp)
    headers = dict(auth.get_aws_request_headers(method, path, query, Credentials(ACCESS, SECRET, token)))
    return headers[b"authorization"].decode()


def botocores(method: str, path: str, params: dict[str, str], token: str | None) -> str:
    # The URL is given with an already exact path; S3SigV4Auth signs it as it is.
    request = AWSRequest(method, f"https://s3.example.org:9000{path}", params=params)
    request.headers["X-Amz-Content-SHA256"] = EMPTY_SHA256
    request.headers["Host"] = "s3.example.org:9000"
    auth = S3SigV4Auth(BotoCredentials(ACCESS, SECRET, token), "s3", "eu-west-3")
    with mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: NOW.replace(tzinfo=None)):
        auth.add_auth(request)
    return str(request.headers["Authorization"])


@pytest.mark.parametrize("key", [*ODD_KEYS, *DOTTED])
@pytest.mark.parametrize("token", [None, "FwoGZXIvYXdzE/token+="])
def test_odd_keys(key: str, token: str | None) -> None:
    path = "/bucket/" + encode_key(key)
    assert ours("GET", path, "", token) == botocores("GET", path, {}, token)


@given(
    KEYS, st.sampled_from(["GET", "HEAD"]), st.one_of(st.none(), st.from_regex(r"[A-Za-z0-9+/=]{1,80}", fullmatch=True))
)
def test_generated_keys(key: str, method: str, token: str | None) -> None:
    path = "/" + encode_key(key)
    assert ours(method, path, "", token) == botocores(method, path, {}, token)


@given(st.dictionaries(st.sampled_from(["prefix", "list-type", "continuation-token", "start-after"]), KEYS))
def test_generated_queries(params: dict[str, str]) -> None:
    assert ours("GET", "/bucket/", encode_query(params), None) == botocores("GET", "/bucket/", params, None)


def test_a_days_key_is_derived_once_and_anew_after_midnight_or_with_new_credentials() -> None:
    clock = [NOW.timestamp()]
    auth = S3Auth("h", "r", lambda: clock[0])
    with mock.patch("wsi_streamer.objectstore.signing.getSignatureKey", return_value=b"key") as derive:
        for _ in range(3):
            auth.get_aws_request_headers("GET", "/a", "", Credentials(ACCESS, SECRET))
        assert derive.call_count == 1
        clock[0] += 86_400
        auth.get_aws_request_headers("GET", "/a", "", Credentials(ACCESS, SECRET))
        auth.get_aws_request_headers("GET", "/a", "", Credentials(ACCESS, "other"))
        assert derive.call_count == 3


def test_secrets_are_not_in_the_repr() -> None:
    assert SECRET not in repr(Credentials(ACCESS, SECRET, "tok"))
