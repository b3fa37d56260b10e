"""No secret, no right and no slide's name in any log line, however detailed, of a real process."""

from __future__ import annotations

import time
from urllib.parse import quote

import httpx
import pytest

from tests.support.s3server import Bucket
from tests.support.services import StartService
from tests.support.tiffs import picture, written
from wsi_streamer.access.signed_links import SignedLinks

SECRET = "a secret of thirty-two bytes too"
# Numbers with letters that no hash and no time has: four digits alone turn up by chance.
PATIENT = "Doe_Jane_1970-01-01/biopsy q4711x.tif"
BROKEN = "Roe_Richard_1980/broken q4712x.tif"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_detailed_log_names_nobody_and_gives_no_right(
    workers: int, start_service: StartService, bucket: Bucket
) -> None:
    service = start_service("--verbose", auth_enabled=True, auth_secret=SECRET, workers=workers, edge_cache=True)
    service.put(PATIENT, written([picture(200, 100)], compression="zlib", tile=(64, 64)))
    service.put(BROKEN, b"II*\0\0\0\0\0")
    service.wait_indexed()
    policy, exp = SignedLinks((SECRET.encode(),)), int(time.time()) + 600
    token = policy.viewer_token(PATIENT, exp)
    shown = {
        SECRET,
        token,
        "admin-token-of-tests",
        "events-token-of-tests",
        "bearer-4713",
        "session-4714",
        "wsg1.4715",
        "x4716",
    }
    ref, broken = quote(PATIENT, safe=""), quote(BROKEN, safe="")
    right = f"exp={exp}&vt={token}"
    listed = httpx.get(service.url + policy.sign_url("/slides", {"details": "1"}, exp)).json()
    ident = next(row["id"] for row in listed["details"] if row["key"] == PATIENT)
    shown.add(policy.sign_url("/slides", {"details": "1"}, exp).rpartition("sig=")[2])
    for path in (
        f"/tiles/{ref}/0/0/0.jpg?{right}", f"/tiles/{ident}/0/0/0.jpg?{right}", f"/tiles/{ref}/0/9/9.jpg?{right}", f"/tiles/{ref}/7/0/0.jpg?{right}",
        f"/tiles/{ref}/0/0/0.jpg", f"/tiles/{ref}/0/0/0.jpg?exp=1&vt={token}", f"/tiles/{ref}/0/0/0.jpg?{right}&vt=1", f"/slides/{ref}?{right}",
        f"/slides/{ref}/thumbnail?{right}", f"/slides/{ref}.dzi?{right}", f"/slides/{ref}/none?{right}", f"/tiles/{broken}/0/0/0.jpg?{right}",
        policy.sign_url(f"/tiles/{broken}/0/0/0.jpg", {}, exp), policy.sign_url(f"/view/{ref}", {}, exp), policy.sign_url(f"/view/{broken}", {}, exp),
        policy.sign_url("/", {"q": "Doe_Jane"}, exp), policy.sign_url("/slides", {"search": "Roe_Richard", "cursor": "x4716"}, exp),
        f"/tiles/{ref}x/0/0/0.jpg?{right}", policy.sign_url(f"/tiles/{quote('Poe_Ed/none q4717x.tif', safe='')}/0/0/0.jpg", {}, exp), "/none/x4716",
        f"/access?{right}", f"/tiles/{ref}/0/0/0.jpg?grant=wsg1.4715", f"/slides/{ref}_files/0/0_0.jpg?{right}", f"/tiles/{ref}/%zz?{right}",
    ):  # fmt: skip
        headers = (
            {"authorization": "Bearer bearer-4713", "cookie": "wsi_session=session-4714"} if "grant" in path else {}
        )
        headers |= {"x-original-uri": f"/tiles/{ref}/0/0/0.jpg?{right}"} if path.startswith("/access") else {}
        for method in ("GET", "HEAD", "POST"):
            httpx.request(method, service.url + path, headers=headers, timeout=30)
    httpx.post(f"{service.url}/tiles/{ref}/prefetch?{right}", json={"tiles": [[0, 0, 0]]})
    service.explain(PATIENT)
    service.notify(PATIENT, BROKEN)
    for path in ("/admin/status", "/admin/events/x4716", f"/admin/slides/{ref}/explain"):
        for authorization in ("Bearer x4716", "Basic eDQ3MTY6eDQ3MTY="):
            httpx.request(
                "POST" if "events" in path else "GET",
                service.admin_url + path,
                headers={"authorization": authorization},
            )
    httpx.post(
        service.admin_url + "/admin/reindex", json={"keys": [PATIENT], "force": True}, headers=service.admin_headers
    )
    httpx.post(service.admin_url + "/admin/reindex", json={"keys": ["x4716"], "bad": 1}, headers=service.admin_headers)
    bucket.server.client().delete_object(Bucket=bucket.name, Key=BROKEN)
    service.wait_indexed()
    assert service.stop() == 0
    log = service.log.read_text()
    assert "request refused" in log, "it is the detailed log"
    names = {"Doe_Jane", "biopsy", "q4711x", "Roe_Richard", "q4712x", "Poe_Ed", "q4717x", quote("biopsy q4711x"), "%2F"}
    credentials = {bucket.server.access_key, bucket.server.secret_key}
    for word in sorted(shown | names | credentials):
        lines = [line for line in log.splitlines() if word.lower() in line.lower()]
        assert not lines, (word, lines[:3])
