"""Both services against their own OpenAPI, by requests that schemathesis makes up: no fault, nothing undescribed, no way round."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.s3server import Bucket
from tests.support.services import Service, StartService
from tests.support.tiffs import picture, written
from wsi_streamer.access.query import parse_query
from wsi_streamer.access.signed_links import SignedLinks

SECRET = "a secret of thirty-two bytes too"
POLICY = SignedLinks((SECRET.encode(),))
SLIDE, BROKEN = "case 7/slide.tif", "broken.tif"
RIGHTS = ("sig", "vt", "exp", "grant")
EXAMPLES = 60
"""For each operation: about a minute for all."""

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
PUBLIC = {"/health"}
"""What needs no right; on the admin port /ready and /metrics too."""


class Signed(requests.auth.AuthBase):
    """Signs whatever is sent, as it is sent."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        parts = urlsplit(request.url or "")
        try:
            params = parse_query(parts.query.encode())
        except Exception:  # noqa: BLE001 - what nobody could sign goes out as it is
            return request
        given = "&".join(pair for pair in parts.query.split("&") if pair)
        signed = POLICY.sign_url(parts.path, params, int(time.time()) + 600)
        ours = "&".join(pair for pair in signed.partition("?")[2].split("&") if pair.startswith(("exp=", "sig=")))
        request.url = f"{parts.scheme}://{parts.netloc}{parts.path}?{given}&{ours}".replace("?&", "?")
        return request


class Admin(requests.auth.AuthBase):
    """The admin token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["authorization"] = f"Bearer {self._token}"
        return request


@dataclass(frozen=True)
class Target:
    url: str
    auth: requests.auth.AuthBase | None
    known: tuple[str, ...]
    """Slides by key and by id, as they stand in paths."""

    def is_public(self, path: str) -> bool:
        return path in PUBLIC or (not path.startswith("/admin") and path in ("/ready", "/metrics"))


@pytest.fixture
def service(start_service: StartService, bucket: Bucket) -> Service:
    found = start_service(auth_enabled=True, auth_secret=SECRET, s3_timeout=5, failure_burst=1_000_000)
    found.put(SLIDE, written([picture(300, 200), picture(150, 100)], compression="zlib", tile=(64, 64)))
    found.put(BROKEN, b"II*\0\0\0\0\0")
    found.wait_indexed()
    return found


def slide_ids(service: Service) -> tuple[str, ...]:
    url = POLICY.sign_url("/slides", {"details": "1"}, int(time.time()) + 60)
    details = requests.get(service.url + url, timeout=30).json()["details"]
    return (*(row["id"] for row in details), quote(SLIDE, safe=""), BROKEN)


def try_all(target: Target, check: Callable[[Any, requests.Response], None]) -> int:
    """Every operation, `EXAMPLES` times, most of those about slides that are there; how many were asked."""
    schema = schemathesis.openapi.from_url(f"{target.url}/schema/openapi.json")
    asked = 0
    session = requests.Session()
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            _aim(case, target.known)
            if target.auth is not None:
                for name in RIGHTS:
                    (case.query or {}).pop(name, None)
            response = case.call(session=session, auth=target.auth, timeout=30)
            case.validate_response(response, checks=CHECKS)
            check(case, response)

        ask()
        asked += 1
    return asked


def _aim(case: Any, known: tuple[str, ...]) -> None:
    """Have three of four cases, the same ones each time, be about a slide and a tile that are there."""
    parameters = case.path_parameters or {}
    number = zlib.crc32(repr((parameters, case.query, case.body)).encode())
    if number % 4 == 0:
        return
    number //= 4
    small = number // len(known) % 3
    values = {"slide_id": known[number % len(known)], "ref": known[number % len(known)], "name": f"{small}_0.jpg"}
    values |= dict.fromkeys(("level", "x", "y"), small if number % 2 else 0)
    for name in parameters:
        parameters[name] = values.get(name, parameters[name])


@pytest.mark.timeout(300)
@pytest.mark.parametrize("signed", [True, False], ids=["with a right", "without"])
@pytest.mark.parametrize("port", ["public", "admin"])
def test_answers_are_as_described(port: str, signed: bool, service: Service) -> None:
    url = service.url if port == "public" else service.admin_url
    auth = (Signed() if port == "public" else Admin(service.admin_token)) if signed else None
    target = Target(url, auth, slide_ids(service))
    seen: set[tuple[str, int]] = set()

    def check(case: Any, response: Any) -> None:
        seen.add((case.operation.path, response.status_code))
        if not signed and not target.is_public(case.operation.path):
            assert 400 <= response.status_code < 500, "no bypass"
        assert response.headers["x-content-type-options"] == ["nosniff"]

    assert try_all(target, check) >= 8
    service.assert_running()
    if signed and port == "public":
        reached = {path for path, status in seen if status in (200, 202)}
        assert {"/slides", "/slides/{slide_id}", "/slides/{slide_id}/thumbnail", "/slides/{slide_id}/dzi"} <= reached
    assert quote(SECRET) not in service.output()
