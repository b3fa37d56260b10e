"""A whole deployment, as processes: who is let in, by what, as what, and until when."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest

from tests.support.postgres import execute
from tests.support.s3server import Bucket
from tests.support.services import Service, StartService
from tests.support.tiffs import picture, written
from wsi_streamer.access.signed_links import SignedLinks

SECRET, NEWER = "a secret of at least 16 bytes", "a newer secret of as many bytes"
CASE, OTHER = "Yamada Taro/1.tif", "other/2.tif"
AUDITOR = "auditor-token-of-tests"


@pytest.fixture
def slides(bucket: Bucket) -> Bucket:
    for number, key in enumerate((CASE, OTHER)):
        bucket.put(key, written([picture(200 + number, 100)], compression="zlib", tile=(64, 64)))
    return bucket


def started(start_service: StartService, *extra: str, **settings: object) -> Service:
    options: dict[str, object] = {"auth_enabled": "true", "auth_secret": SECRET, "auditor_token": AUDITOR}
    service = start_service(*extra, **(options | settings))
    for _ in range(600):
        if service.status()["slides"]["indexed"] == 2:
            return service
        time.sleep(0.1)
    raise AssertionError(service.output())


def id_of(service: Service, key: str) -> str:
    return str(service.explain(key)["id"])


def granted(service: Service, **wanted: object) -> dict[str, str]:
    answer = httpx.post(f"{service.admin_url}/grants", json=wanted, headers=service.admin_headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, str] = answer.json()
    return found


def audit(service: Service, **query: str) -> list[dict[str, Any]]:
    """The whole log, as an auditor reads it."""
    answer = httpx.get(
        f"{service.admin_url}/admin/audit", params=query, headers={"authorization": f"Bearer {AUDITOR}"}, timeout=30
    )
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def until(service: Service, browser: httpx.Client, path: str, status: int, seconds: float) -> float:
    """How long it took until a path was answered so."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if browser.get(path).status_code == status:
            return time.monotonic() - began
        time.sleep(0.02)
    raise AssertionError(f"{path} was not answered with {status} within {seconds} s\n{service.output()}")


def test_a_grants_link_opens_one_slide_in_a_browser_until_it_is_revoked(
    slides: Bucket, start_service: StartService
) -> None:
    service = started(start_service)
    case, other = id_of(service, CASE), id_of(service, OTHER)
    grant = granted(service, slide=CASE, expires_in=600, note="second opinion")
    assert urlsplit(grant["url"]).path == f"/view/{case}"
    with httpx.Client(base_url=service.url, headers={"accept": "text/html"}) as browser:
        answer = browser.get(grant["url"])
        assert (answer.status_code, answer.headers["location"]) == (303, f"/view/{case}")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        page = browser.get(answer.headers["location"])
        assert page.status_code == 200
        assert grant["token"] not in page.text
        assert "Yamada" not in page.text
        assert 'data-renew-after="' in page.text
        metadata = browser.get(f"/slides/{case}").json()
        assert metadata["key"] is None
        assert browser.get("/slides").json()["slides"] != [CASE, OTHER]
        tile = f"/tiles/{case}/0/0/0.jpg?v={metadata['version']}"
        for _ in range(3):  # from S3, from memory, from what is known of the URL
            shown = browser.get(tile)
            assert (shown.status_code, shown.headers["cache-control"]) == (200, "private, max-age=240")
        assert httpx.get(service.url + tile).status_code == 401
        assert httpx.get(service.url + tile, headers={"authorization": f"Bearer {grant['token']}"}).status_code == 200
        assert httpx.get(f"{service.url}{tile}&grant={grant['token']}").status_code == 200
        for path in (f"/tiles/{other}/0/0/0.jpg", f"/tiles/{quote(OTHER, safe='')}/0/0/0.jpg", f"/slides/{other}",
                     f"/view/{other}", f"/slides/{other}/thumbnail", f"/slides/{case}/download",
                     f"/slides/{case}/associated-images/label", "/tiles/s-aaaaaaaaaaaaaaaaaaaaaaaa/0/0/0.jpg"):  # fmt: skip
            assert browser.get(path).status_code == 403, path
        renewed = browser.post("/auth/renew", headers={"sec-fetch-site": "same-origin"})
        assert renewed.status_code == 200
        assert browser.get(tile).status_code == 200
        revoked = httpx.delete(f"{service.admin_url}/grants/{grant['id']}", headers=service.admin_headers)
        assert revoked.status_code == 204
        assert until(service, browser, tile, 401, 10) < 5
        assert browser.post("/auth/renew", headers={"sec-fetch-site": "same-origin"}).status_code == 401
        again = browser.get(grant["url"])
        assert again.status_code == 401
        assert "revoked" in again.text
    output = service.output()
    service.stop()  # what was seen is on record when a session ends
    found = audit(started(start_service))
    [view] = [event for event in found if event["action"] == "view" and event["agent"]["id"] == grant["id"]]
    assert (view["slide_id"], view["key"]) == (case, CASE)
    assert view["detail"]["tiles"]["0"]["count"] >= 5
    assert view["period"]["first"] < view["period"]["last"]
    for act in ("grant-create", "grant-revoke"):
        assert [event["detail"]["grant"] for event in found if event["action"] == act] == [grant["id"]]
    refused = [event for event in found if event["action"] == "denial" and event["agent"].get("id") == grant["id"]]
    assert refused, "what the grant did not open"
    assert OTHER in {event.get("key") for event in refused}, "and what was asked for by its key"
    assert grant["token"] not in str(found)
    assert grant["token"].rpartition(".")[2] not in output
    assert "Yamada" not in output, "keys are in the audit log, and in no other"


def test_a_grant_is_for_the_networks_it_names_as_far_as_trusted_proxies_tell(
    slides: Bucket, start_service: StartService
) -> None:
    service = started(start_service, trusted_proxies="127.0.0.1")
    grant = granted(service, slide=CASE, expires_in=600, networks=["198.51.100.0/24"])
    tile = f"{service.url}/tiles/{id_of(service, CASE)}/0/0/0.jpg"
    headers = {"authorization": f"Bearer {grant['token']}"}
    for forwarded, status in (
        ("198.51.100.7", 200),
        ("203.0.113.9, 198.51.100.7", 200),  # the first is what the client claims of itself
        ("198.51.100.7, 203.0.113.9", 403),
        ("203.0.113.9", 403),
        ("198.51.100.7, nonsense", 403),
        ("", 403),
    ):
        for _ in range(2):  # what is remembered of one address is nothing to another
            answer = httpx.get(tile, headers={**headers, "x-forwarded-for": forwarded})
            assert answer.status_code == status, forwarded
    untrusting = started(start_service)
    answer = httpx.get(
        f"{untrusting.url}/tiles/{id_of(untrusting, CASE)}/0/0/0.jpg",
        headers={**headers, "x-forwarded-for": "198.51.100.7"},
    )
    assert answer.status_code == 403, "anyone can write such a header"


def test_each_role_does_its_own_and_nothing_else(slides: Bucket, start_service: StartService) -> None:
    service = started(start_service)
    tokens = {"admin": service.admin_token, "auditor": AUDITOR, "wrong": "wrong", "": ""}
    grant = granted(service, slide=CASE, expires_in=60)
    tokens["grant"] = grant["token"]
    may = {
        ("GET", "/admin/status"): "admin", ("POST", "/admin/reindex"): "admin", ("GET", "/admin/jobs/1"): "admin",
        ("GET", f"/admin/slides/{quote(CASE, safe='')}/explain"): "admin", ("GET", "/grants"): "admin",
        ("POST", "/grants"): "admin", ("DELETE", f"/grants/{grant['id']}"): "admin", ("GET", "/admin/audit"): "auditor",
    }  # fmt: skip
    bodies = {"/admin/reindex": {"keys": [CASE]}, "/grants": {"slide": CASE, "expires_in": 60}}
    for (method, path), role in may.items():
        for name, token in tokens.items():
            answer = httpx.request(
                method,
                service.admin_url + path,
                json=bodies.get(path) if method == "POST" else None,
                headers={"authorization": f"Bearer {token}"} if token else {},
            )
            if name == role:
                assert answer.status_code in (200, 201, 202, 204, 404), (method, path, answer.text)
            else:
                expected = 403 if name in may.values() else 401
                assert answer.status_code == expected, (method, path, name, answer.text)
    for path in ("/admin/status", "/admin/audit", "/grants"):
        found = httpx.get(service.url + path, headers=service.admin_headers)
        assert found.status_code == 404, "the public port has none of this"


def test_every_worker_takes_every_valid_token_and_keys_can_be_changed_without_a_gap(
    slides: Bucket, start_service: StartService
) -> None:
    before = started(start_service)
    case = id_of(before, CASE)
    grant = granted(before, slide=CASE, expires_in=600)
    links, exp = SignedLinks((SECRET.encode(),)), int(time.time()) + 600
    shown = {
        "grant": {"authorization": f"Bearer {grant['token']}"},
        "vt": {"exp": str(exp), "vt": links.viewer_token(CASE, exp)},
    }
    before.stop()
    rotated = started(start_service, "--workers", "2", signing_keys=f"{NEWER},{SECRET}", auth_secret=None)
    newer = granted(rotated, slide=CASE, expires_in=600)
    for _ in range(12):  # connections spread over both
        with httpx.Client(base_url=rotated.url) as client:
            path = f"/tiles/{case}/0/0/0.jpg"
            assert client.get(path, headers=shown["grant"]).status_code == 200
            assert client.get(path, headers={"authorization": f"Bearer {newer['token']}"}).status_code == 200
            assert client.get(path, params=shown["vt"]).status_code == 200
            assert client.get(links.sign_url(path, {}, exp)).status_code == 200
            assert client.get(path).status_code == 401
    httpx.delete(f"{rotated.admin_url}/grants/{newer['id']}", headers=rotated.admin_headers).raise_for_status()
    time.sleep(2)
    for _ in range(12):
        answer = httpx.get(
            f"{rotated.url}/tiles/{case}/0/0/0.jpg", headers={"authorization": f"Bearer {newer['token']}"}
        )
        assert answer.status_code == 401, "both workers have heard of it"
    rotated.stop()
    retired = started(start_service, signing_keys=NEWER, auth_secret=None)
    assert httpx.get(f"{retired.url}/tiles/{case}/0/0/0.jpg", headers=shown["grant"]).status_code == 401
    assert httpx.get(f"{retired.url}/tiles/{case}/0/0/0.jpg", params=shown["vt"]).status_code == 401


def test_the_log_is_whole_after_all_of_that_and_tells_when_it_is_not(
    slides: Bucket, start_service: StartService, database_url: str
) -> None:
    service = started(start_service)
    grant = granted(service, slide=CASE, expires_in=600)
    tile = f"{service.url}/tiles/{id_of(service, CASE)}/0/0/0.jpg"
    assert httpx.get(tile, headers={"authorization": f"Bearer {grant['token']}"}).status_code == 200
    service.kill()  # its session has no end on record, and all else is there
    line = [service.arguments[0], "audit", "verify"]
    good = subprocess.run(line, env=service.env, capture_output=True, text=True, timeout=60)
    assert good.returncode == 0, good.stdout + good.stderr
    asyncio.run(
        execute(
            database_url,
            "SET session_replication_role = replica",
            "UPDATE audit SET record = replace(record, 'Yamada', 'Suzuki') WHERE action = 'view'",
        )
    )
    bad = subprocess.run(line, env=service.env, capture_output=True, text=True, timeout=60)
    assert bad.returncode == 1
    assert "changed" in bad.stdout
