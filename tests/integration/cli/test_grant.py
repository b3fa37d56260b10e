"""``wsi-streamer grant``: links from the command line, heard by a running worker."""

from __future__ import annotations

import json
import os
import time

import pytest

from tests.integration.cli.process import run
from wsi_streamer.access.grants.grants import Grants
from wsi_streamer.access.permissions import Permission
from wsi_streamer.access.signing_keys import SigningKeys
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.sources import ensure_source
from wsi_streamer.slides.errors import Unauthorized
from wsi_streamer.slides.slide import StoredObject

SECRET = "a secret that is long enough"


@pytest.fixture
def env(database_url: str) -> dict[str, str]:
    """No object store is needed: grants live in the catalog."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
    return kept | {
        "WSI_DATABASE_URL": database_url,
        "WSI_S3_ENDPOINT": "http://127.0.0.1:1",
        "WSI_S3_BUCKET": "slides",
        "WSI_AUTH_SECRET": SECRET,
    }


async def test_create_list_and_revoke(env: dict[str, str], database: Database) -> None:
    catalog = Catalog(database, await ensure_source(database, "http://127.0.0.1:1", "slides", ""))
    slide_id = await catalog.objects.observe(StoredObject("case/a.svs", '"1"', 1))
    public = env | {"WSI_PUBLIC_URL": "https://slides.example.org"}
    made = run("grant", "create", "--slide", "case/a.svs", "--expires-in", "7d", "--permission", "label", env=public)
    assert made.returncode == 0, made
    url, _, token = made.stdout.strip().partition("?grant=")
    assert url == f"https://slides.example.org/view/{slide_id}"
    grants = Grants(catalog.grants, SigningKeys.of([SECRET.encode()]), 0, time.time)
    caller = await grants.caller_of_token(token, "")
    assert caller.permissions == {Permission.TILES, Permission.LABEL}
    assert abs((caller.expires or 0) - time.time() - 7 * 86_400) < 60
    prefix = run(
        "grant", "create", "--prefix", "", "--expires-at", "2100-01-01T00:00:00Z", "--max-grant-days", "99999",
        "--network", "10.0.0.0/8", "--note", "conference", "--json", env=env,
    )  # fmt: skip
    body = json.loads(prefix.stdout)
    assert body["url"] == f"/?grant={body['token']}"
    assert (body["prefix"], body["networks"], body["note"]) == ("", ["10.0.0.0/8"], "conference")
    listed = run("grant", "list", "--active", env=env).stdout.splitlines()
    assert [line.split()[0] for line in listed] == [body["id"], caller.id]
    assert token not in "".join(listed)
    ended = run("grant", "revoke", caller.id, body["id"], env=env)
    assert (ended.returncode, ended.stdout.count("is revoked")) == (0, 2), ended
    assert run("grant", "list", "--active", env=env).stdout == ""
    lines = [json.loads(line) for line in run("grant", "list", "--json", env=env).stdout.splitlines()]
    assert [line["state"] for line in lines] == ["revoked", "revoked"]
    assert lines[0]["created_by"].startswith("command line|")
    grants.forget(caller.id)
    with pytest.raises(Unauthorized, match="revoked"):
        await grants.caller_of_token(token, "")
    await grants.aclose()


async def test_what_is_wrong_is_told_in_a_line(env: dict[str, str], database: Database) -> None:
    nowhere = run("grant", "list", env=env)
    assert (nowhere.returncode, "--s3-bucket" in nowhere.stderr) == (1, True)
    await ensure_source(database, "http://127.0.0.1:1", "slides", "")
    for args, code, words in (
        (["create", "--slide", "none.svs", "--expires-in", "1d"], 1, "no such slide"),
        (["create", "--prefix", "x"], 2, "--expires-in"),
        (["create", "--expires-in", "1d"], 2, "--slide"),
        (["create", "--prefix", "x", "--expires-in", "91d"], 1, "90 days"),
        (["create", "--prefix", "x", "--expires-in", "soon"], 2, "12h"),
        (["create", "--prefix", "x", "--expires-at", "9" * 5000], 1, "with its zone"),
        (["create", "--prefix", "x", "--expires-in", "1d", "--permission", "all"], 1, "label"),
        (["revoke", "g-nothing"], 1, "No such grant"),
    ):
        done = run("grant", *args, env=env)
        assert (done.returncode, words in done.stderr, "Traceback" in done.stderr) == (code, True, False), done
    unsigned = {name: value for name, value in env.items() if name != "WSI_AUTH_SECRET"}
    done = run("grant", "create", "--prefix", "x", "--expires-in", "1d", env=unsigned)
    assert (done.returncode, "WSI_SIGNING_KEYS" in done.stderr) == (1, True)
