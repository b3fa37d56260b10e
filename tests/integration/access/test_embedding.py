"""Pages in frames of other sites: who may hold them, and a session that takes nobody's place."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.support.in_process import Running, running, wait_indexed
from tests.support.s3server import Bucket
from tests.support.slides import real_slide
from tests.support.way_in import way_in
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.embedded import EMBEDDED_COOKIE
from wsi_streamer.access.permissions import Permission, Role
from wsi_streamer.access.scope import Scope
from wsi_streamer.access.session_cookie import COOKIE, identity_session, seal

PORTAL = "https://portal.hospital.example"
ADMIN = Caller("admin-token", "admin", roles=frozenset({Role.ADMIN}))
ADA = Caller(
    "identity",
    "https://idp.test|ada",
    frozenset({Permission.TILES}),
    Scope(("ada/",)),
    frozenset({Role.VIEWER}),
    name="Ada",
)
RULES = '[{"claim": "groups", "value": "pathology", "roles": ["viewer"], "prefixes": ["ada/"]}]'
OPTIONS = {
    "access": "oidc", "auth_secret": "a secret that is long enough", "public_url": "https://slides.hospital.example",
    "oidc_issuer": "https://idp.test", "oidc_client_id": "viewer", "oidc_rules": RULES,
}  # fmt: skip
PAGE = {"accept": "text/html", "sec-fetch-mode": "navigate"}
FRAME = PAGE | {"sec-fetch-dest": "iframe", "sec-fetch-site": "cross-site"}
TOP = PAGE | {"sec-fetch-dest": "document", "sec-fetch-site": "cross-site"}
POST = {"sec-fetch-site": "same-origin", "sec-fetch-dest": "empty"}
OWN, FRAMES = f"__Host-{COOKIE}", f"__Host-{EMBEDDED_COOKIE}"


@pytest.fixture
async def services(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    """A service that a portal may hold in a frame."""
    bucket.put("case/a.svs", real_slide("CMU-1-Small-Region.svs"))
    async with running(
        database_url, bucket.name, bucket.server.endpoint, frame_ancestors=(PORTAL,), **OPTIONS
    ) as found:
        await wait_indexed(found.catalog, 1)
        yield found


async def link(services: Running) -> str:
    row = (await services.catalog.listing.page(limit=1)).rows[0]
    return (await services.access.grants.issue(ADMIN, slide=row.id, expires_in=600)).path()


def own_cookie(services: Running) -> str:
    identities = services.access.identities
    assert identities is not None
    session = identity_session(ADA, identities.rules_version, time.time(), seconds=3600)
    return f"{OWN}={seal(services.access.config.keys, session)}"


async def test_pages_name_who_may_frame_them(services: Running) -> None:
    async def framing(path: str, headers: dict[str, str]) -> tuple[str, bool]:
        answer = await services.http.get(path, headers=headers)
        policy = answer.headers["content-security-policy"]
        return policy.partition("frame-ancestors ")[2].partition(";")[0], "x-frame-options" in answer.headers

    own = {"cookie": own_cookie(services)}
    listed = (f"'self' {PORTAL}", False)
    assert await framing("/", PAGE | own) == listed
    assert await framing("/view/s-" + "a" * 24, PAGE | own) == listed, "what isn't there, too"
    assert await framing("/", FRAME) == listed, "the way to a tab of its own"
    ours = ("'self'", True)
    assert await framing(await link(services), TOP | own) == ours, "the question before a link"
    assert await framing("/auth/callback?state=x&code=y", PAGE) == ours
    assert await framing("/schema", PAGE) == ours
    assert (await framing("/health", {})) == ("'none'", True)


async def test_a_frames_session_stands_beside_ones_own(services: Running) -> None:
    path = await link(services)
    own = own_cookie(services)
    answer = await services.http.get(path, headers=FRAME | {"cookie": own})
    view = path.partition("?")[0]
    assert (answer.status_code, answer.headers["location"]) == (303, f"{view}?embedded=1")
    (header,) = answer.headers.get_list("set-cookie")
    assert header.startswith(f"{FRAMES}=")
    assert header.endswith("; Path=/; Max-Age=600; HttpOnly; SameSite=None; Secure; Partitioned")
    frames = header.partition(";")[0]

    async def status(headers: dict[str, str], cookie: str, query: str = "") -> int:
        return (await services.http.get(f"{view}{query}", headers=headers | {"cookie": cookie})).status_code

    for query in ("", "?embedded=1"):
        assert await status(FRAME, frames, query) == 200
        assert await status(FRAME, f"{own}; {frames}", query) == 200, "the frame's is meant"
    assert await status(TOP, f"{own}; {frames}") == 403, "Ada's own is"
    for cookie in (frames, f"{own}; {frames}"):
        opened = await services.http.get(f"{view}?embedded=1", headers=TOP | {"cookie": cookie})
        assert (opened.status_code, opened.headers["location"]) == (303, view), "from a frame into a tab of its own"
    assert await status(FRAME, own, "?embedded=1") == 401, "the frame's has ended: Ada's own never takes its place"
    alone = await services.http.get(view, headers=TOP | {"cookie": frames})
    sent = way_in(alone.status_code, alone.headers.get("location"), alone.text)
    assert sent == f"/auth/login?next={view}", "a window of its own is sent to sign in"
    assert alone.headers["x-frame-options"] == "SAMEORIGIN", "and that page is in nobody's frame"
    tile = f"{view.replace('/view/', '/tiles/')}/0/0/0.jpg"
    picture = {"sec-fetch-dest": "image", "sec-fetch-site": "same-origin"}
    both = picture | {"cookie": f"{own}; {frames}"}
    for _ in range(2):  # from the slide, and from memory
        for cookie in (frames, f"{own}; {frames}"):
            marked = picture | {"cookie": cookie}
            assert (await services.http.get(f"{tile}?embedded=1", headers=marked)).status_code == 200
            # What is loaded as a page counts as one, and says nothing of other requests.
            assert (await services.http.get(tile, headers=FRAME | {"cookie": cookie})).status_code == 200
        assert (await services.http.get(tile, headers=both)).status_code == 403
        assert (await services.http.get(tile, headers=picture | {"cookie": frames})).status_code == 401
        for cookie in ("", own):
            ended = await services.http.get(f"{tile}?embedded=1", headers=picture | {"cookie": cookie})
            assert ended.status_code == 401
        window = TOP | {"cookie": f"{own}; {frames}"}
        assert (await services.http.get(f"{tile}?embedded=1", headers=window)).status_code == 401
    # Each is the cookie that it was made for.
    swapped = f"{OWN}={frames.partition('=')[2]}"
    answer = await services.http.get(view, headers=TOP | {"cookie": swapped})
    assert way_in(answer.status_code, answer.headers.get("location"), answer.text) == sent
    assert await status(FRAME, f"{FRAMES}={own.partition('=')[2]}") == 401

    for cookie in (frames, f"{own}; {frames}"):
        page = await services.http.get(view, headers=FRAME | {"cookie": cookie})
        assert ' data-mark="embedded=1"' in page.text

    # It is renewed, and ended, as what it is.
    for cookie in (frames, f"{own}; {frames}"):
        renewed = await services.http.post("/auth/renew?embedded=1", headers=POST | {"cookie": cookie})
        assert renewed.status_code == 200
        assert renewed.headers["set-cookie"].startswith(f"{FRAMES}=v1.")
    renewed = await services.http.post("/auth/renew", headers=POST | {"cookie": f"{own}; {frames}"})
    assert renewed.headers["set-cookie"].startswith(f"{OWN}=v1.")
    for cookie, query in ((frames, ""), (own, "?embedded=1")):
        refused = await services.http.post(f"/auth/renew{query}", headers=POST | {"cookie": cookie})
        assert refused.status_code == 401
        assert "set-cookie" not in refused.headers
    ended = await services.http.post("/auth/logout?embedded=1", headers=POST | {"cookie": frames})
    assert ended.headers["set-cookie"].startswith(f"{FRAMES}=; Path=/; Max-Age=0; ")


async def test_lists_in_a_frame_are_the_grants_own(bucket: Bucket, database_url: str) -> None:
    for key in ("ada/patient-1.svs", "ada/patient-2.svs", "teaching/1.svs", "teaching/2.svs"):
        bucket.put(key, real_slide("CMU-1-Small-Region.svs"))
    rules = RULES.replace('"prefixes"', '"permissions": ["tiles", "metadata"], "prefixes"')
    options = OPTIONS | {"oidc_rules": rules, "frame_ancestors": (PORTAL,)}
    async with running(database_url, bucket.name, bucket.server.endpoint, **options) as found:
        await wait_indexed(found.catalog, 4)
        identities = found.access.identities
        assert identities is not None
        ada = replace(ADA, permissions=frozenset({Permission.TILES, Permission.METADATA}))
        session = identity_session(ada, identities.rules_version, time.time(), seconds=3600)
        own = f"{OWN}={seal(found.access.config.keys, session)}"
        rights = ["tiles", "metadata"]
        grant = await found.access.grants.issue(ADMIN, prefix="teaching/", expires_in=600, permissions=rights)
        sibling = FRAME | {"sec-fetch-site": "same-site"}
        opened = await found.http.get(f"/?limit=1&grant={grant.token}", headers=sibling | {"cookie": own})
        assert opened.headers["location"] == "/?limit=1&embedded=1"
        frames = opened.headers["set-cookie"].partition(";")[0]
        both = {"cookie": f"{own}; {frames}"}
        page = await found.http.get(opened.headers["location"], headers=sibling | both)
        island = json.loads(page.text.partition('id="gallery">')[2].partition("</script>")[0])
        assert (island["user"], island["progress"]) == (None, "/progress?embedded=1")
        fetch = {"accept": "application/json", "sec-fetch-dest": "empty", "sec-fetch-site": "same-origin"}

        async def asked(url: str, cookies: dict[str, str] = both) -> str:
            answer = await found.http.get(url, headers=fetch | cookies)
            return answer.text if answer.status_code == 200 else str(answer.status_code)

        following = island["list"]["next"]
        more = await asked(following)
        assert "teaching/" in more
        assert "embedded=1" in json.loads(more)["slides"][0]["link"]
        for path in ("/?embedded=1", following, "/folders?prefix=&embedded=1", "/slides?details=1&embedded=1"):
            shown = await asked(path)
            assert "teaching" in shown, path
            assert "ada" not in shown, path
            # Where the frame's session has ended nothing is shown instead of it.
            assert await asked(path, {"cookie": own}) == "401", path
        for path in ("/", "/folders?prefix=", "/slides?details=1"):  # as Ada's own windows ask
            shown = await asked(path)
            assert "ada" in shown, path
            assert "teaching" not in shown, path
            assert await asked(path, {"cookie": frames}) == "401", path
        assert await asked("/progress", {"cookie": frames}) == "401"
        assert await asked("/progress?embedded=1") != "401"
        picture = {"sec-fetch-dest": "image", "sec-fetch-site": "same-origin"} | both
        thumbnail = island["list"]["slides"][0]["thumbnail"]
        for query, status in (("&embedded=1", 200), ("", 403)):
            assert (await found.http.get(thumbnail + query, headers=picture)).status_code == status


async def test_a_page_that_may_not_frame_leaves_no_cookie(services: Running) -> None:
    path = await link(services)
    for referer, status in (
        (f"{PORTAL}/", 303),
        ("https://slides.hospital.example/view/x", 303),
        ("https://sibling.hospital.example/", 403),
    ):
        answer = await services.http.get(path, headers=FRAME | {"referer": referer})
        assert (answer.status_code, "set-cookie" in answer.headers) == (status, status == 303), referer


async def test_other_pages_do_nothing_with_a_frames_session(services: Running) -> None:
    answer = await services.http.get(await link(services), headers=FRAME)
    cookie = {"cookie": answer.headers["set-cookie"].partition(";")[0]}
    for site in ("cross-site", "same-site"):
        for path in ("renew", "logout"):
            posted = await services.http.post(f"/auth/{path}?embedded=1", headers=cookie | {"sec-fetch-site": site})
            assert posted.status_code == 403
            assert "set-cookie" not in posted.headers
    row = (await services.catalog.listing.page(limit=1)).rows[0]
    for path in (f"/slides/{row.id}?embedded=1", f"/tiles/{row.id}/0/0/0.jpg?embedded=1"):
        read = await services.http.get(path, headers=cookie | {"origin": PORTAL, "sec-fetch-site": "cross-site"})
        assert "access-control-allow-origin" not in read.headers
        assert read.headers["cross-origin-resource-policy"] == "same-origin"


async def test_a_revoked_grant_says_so_in_the_language_of_the_page(services: Running) -> None:
    row = (await services.catalog.listing.page(limit=1)).rows[0]
    grant = await services.access.grants.issue(ADMIN, slide=row.id, expires_in=600)
    cookie = (await services.http.get(grant.path(), headers=FRAME)).headers["set-cookie"].partition(";")[0]
    await services.access.grants.revoke(ADMIN, grant.grant.id)
    for language, said in (("en", "has been revoked"), ("ja", "取り消されました")):
        for path, headers in ((grant.path(), FRAME), (grant.path().partition("?")[0], FRAME | {"cookie": cookie})):
            shown = await services.http.get(path, headers=headers | {"accept-language": language})
            assert shown.status_code == 401
            assert f'<html lang="{language}">' in shown.text
            assert said in shown.text


async def test_without_ancestors_nothing_changes(bucket: Bucket, database_url: str) -> None:
    bucket.put("case/a.svs", real_slide("CMU-1-Small-Region.svs"))
    async with running(database_url, bucket.name, bucket.server.endpoint, **OPTIONS) as found:
        await wait_indexed(found.catalog, 1)
        path = await link(found)
        answer = await found.http.get(path, headers=FRAME)
        assert answer.headers["set-cookie"].startswith(f"{OWN}=")
        assert answer.headers["set-cookie"].endswith("SameSite=Lax; Secure")
        nobody = await found.http.get(path.partition("?")[0], headers=FRAME)
        assert nobody.status_code == 303, "nothing that runs in a frame"
        value = answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
        shown = await found.http.get(path.partition("?")[0], headers=FRAME | {"cookie": f"{OWN}={value}"})
        assert shown.status_code == 200
        assert shown.headers["content-security-policy"].endswith("frame-ancestors 'self'")
        assert shown.headers["x-frame-options"] == "SAMEORIGIN"
