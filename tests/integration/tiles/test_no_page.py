"""Addresses at which nothing is: people get a page, programs the API's JSON."""

from __future__ import annotations

import pytest

from tests.support.in_process import running
from tests.support.s3server import Bucket

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
JSON = b'{"error":"not_found","message":"There is nothing here. The routes are in the API documentation.","status":404}'
SECRET = "a secret of thirty-two bytes too"


@pytest.mark.parametrize("auth_enabled", [False, True])
async def test_who_asks_for_nothing_is_told_so(bucket: Bucket, database_url: str, auth_enabled: bool) -> None:
    options = {"auth_enabled": True, "auth_secret": SECRET} if auth_enabled else {}
    async with running(database_url, bucket.name, bucket.server.endpoint, indexer=False, **options) as services:
        for path in ("/nosuchpage", "/view/", "/view/a/b", "/%3Cscript%3E"):
            page = await services.http.get(path, headers=BROWSER)
            assert page.status_code == 404
            assert page.headers["content-type"] == "text/html; charset=utf-8"
            assert page.headers["cache-control"] == "no-store"
            assert page.headers["x-content-type-options"] == "nosniff"
            assert page.headers["referrer-policy"] == "no-referrer"
            assert "default-src 'none'" in page.headers["content-security-policy"]
            assert "<h1>There is nothing here</h1>" in page.text
            assert "nosuchpage" not in page.text
            assert "script&gt;" not in page.text
            assert ('class="back"' in page.text) is not auth_enabled, "the list is not everyone's"
        japanese = await services.http.get("/nosuchpage", headers=BROWSER | {"accept-language": "ja"})
        assert "<h1>ページが見つかりません</h1>" in japanese.text
        assert '<html lang="ja">' in japanese.text
        head = await services.http.head("/nosuchpage", headers=BROWSER)
        assert (head.status_code, head.content) == (404, b"")
        for accept in ("*/*", "application/json", ""):
            answer = await services.http.get("/nosuchpage", headers={"accept": accept})
            assert (answer.status_code, answer.content) == (404, JSON)
            assert answer.headers["content-type"] == "application/json"
            assert answer.headers["cache-control"] == "no-store"
        posted = await services.http.post("/nosuchpage", headers=BROWSER)
        assert (posted.status_code, posted.headers["content-type"]) == (405, "application/json")
