"""Credentials that are missing, forged, doubled, stale, or somebody else's."""

from __future__ import annotations

import asyncio
import re
import time

import pytest

from tests.support.fortress import HOME, POLICY, SECRET, Door, Fortress, signed, tile_path, vt
from wsi_streamer.access.signed_links import SignedLinks

pytestmark = pytest.mark.asyncio(loop_scope="module")

TILE = tile_path(HOME)


def slide_paths(ref: str) -> list[str]:
    return [
        f"/tiles/{ref}/0/0/0.jpg", f"/slides/{ref}", f"/slides/{ref}/dzi", f"/slides/{ref}.dzi", f"/slides/{ref}/thumbnail",
        f"/slides/{ref}_files/0/0_0.jpg", f"/slides/{ref}/dzi_files/0/0_0.jpg", f"/view/{ref}",
    ]  # fmt: skip


async def test_nothing_about_slides_is_public(door: Door, fortress: Fortress) -> None:
    """Flaw 1 of the original: its /view minted a token for everyone."""
    ident = fortress.ids[HOME]
    for path in [
        "/",
        "/slides",
        "/slides?details=1",
        "/folders",
        "/progress",
        *slide_paths(ident),
        *slide_paths("a%2Fb.tif"),
        *slide_paths("none.tif"),
    ]:
        answer = await door.ask(path)
        assert answer.status in (401, 403), (path, answer)
        for secret in (ident.encode(), b"vt=", b"tif", SECRET.encode()):
            assert secret not in answer.body.replace(path.encode(), b"")
    for path in (f"/view/{ident}", "/view/a%2Fb.tif", "/", "/slides", "/folders", "/progress"):
        answer = await door.ask(f"{path}?{vt()}", "Accept: text/html")
        assert answer.status in (401, 403), (
            "a viewer token is none for the page that hands out such tokens, nor for lists"
        )


async def test_a_page_mints_tokens_for_its_own_slide_until_its_own_link_ends(door: Door, fortress: Fortress) -> None:
    exp = int(time.time()) + 100
    page = await door.ask(POLICY.sign_url(f"/view/{fortress.ids[HOME]}", {}, exp), "Accept: text/html")
    assert page.status == 200
    assert POLICY.viewer_token(HOME, exp).encode() in page.body
    assert page.body.count(b'"vt"') == 1
    assert page.header("cache-control") == "no-store"


async def test_a_value_can_not_pose_as_another_parameter(door: Door) -> None:
    """Flaw 2: a="1&b=2" had the signature of a=1&b=2."""
    exp = int(time.time()) + 60
    for mine, theirs in (
        ({"quality": "5&x=1"}, "quality=5&x=1"),
        ({"x": "1&quality=5"}, "x=1&quality=5"),
        ({"quality": "5", "x=1": ""}, "quality=5&x=1"),
        ({"a": "b=c"}, "a=b&c="),
        ({"x": "%26"}, "x=%26"),
    ):
        signature = POLICY.sign_url(TILE, mine, exp).rpartition("sig=")[2]
        answer = await door.ask(f"{TILE}?{theirs}&exp={exp}&sig={signature}")
        assert answer.status in (400, 401), theirs


async def test_what_is_protected_is_never_public_to_caches(door: Door, fortress: Fortress) -> None:
    """Flaw 3."""
    v = fortress.versions[HOME]
    targets = [f"{path}?{vt()}&v={v}" for path in slide_paths(fortress.ids[HOME])[:-1]]
    targets += [signed("/slides"), signed("/"), signed(f"/view/{fortress.ids[HOME]}")]
    for target in targets:
        for _ in range(2):
            answer = await door.ask(target)
            assert answer.status == 200, target
            (caching,) = answer.all("cache-control")
            assert "public" not in caching
            assert "private" in caching or "no-store" in caching
            assert "immutable" not in caching
            assert not answer.all("x-accel-expires") or door.name != "edge"


async def test_no_other_origin_may_read_unless_named(door: Door, fortress: Fortress) -> None:
    """Flaw 4."""
    for target in (
        f"{TILE}?{vt()}",
        f"/slides/{fortress.ids[HOME]}?{vt()}",
        signed("/slides"),
        "/health",
        TILE,
        "/schema/openapi.json",
    ):
        for origin in ("https://evil.example", "null", "http://slides.example.evil.example", "http://slides.example"):
            for method in ("GET", "OPTIONS", "HEAD"):
                answer = await door.ask(
                    target, f"Origin: {origin}", "Access-Control-Request-Method: GET", method=method
                )
                assert not [name for name, _ in answer.headers if name.startswith("access-control-")], (target, origin)


async def test_pages_and_schema_load_nothing_from_elsewhere(door: Door, fortress: Fortress) -> None:
    """Flaw 5. That browsers ask no other host is seen in tests/browser."""
    for target in (signed("/"), signed(f"/view/{fortress.ids[HOME]}"), "/view/x", "/schema"):
        answer = await door.ask(target, "Accept: text/html")
        # Names of slides are data, in a script that nothing runs.
        text = re.sub(r'<script type="application/json".*?</script>', "", answer.body.decode(), flags=re.DOTALL)
        assert "//" not in text.replace("http://www.w3.org/2000/svg", ""), target
        policy = answer.header("content-security-policy") or ""
        assert policy.startswith("default-src 'none';")
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "*" not in policy


DOUBLED = ["sig", "vt", "exp", "grant", "v", "quality", "x"]


@pytest.mark.parametrize("name", DOUBLED)
async def test_a_parameter_given_twice_is_no_request(name: str, door: Door, fortress: Fortress) -> None:
    exp = int(time.time()) + 60
    right = {
        "exp": str(exp),
        "vt": POLICY.viewer_token(HOME, exp),
        "v": fortress.versions[HOME],
        "quality": "80",
        "x": "1",
    }
    right |= {"sig": signed(TILE).rpartition("=")[2], "grant": "wsg1.a.g-b.1.c"}
    keep = {"exp", "vt"} | {name}
    query = "&".join(f"{k}={value}" for k, value in right.items() if k in keep)
    spelled = "".join(f"%{ord(c):02x}" for c in name)
    assert (await door.ask(f"{TILE}?exp={right['exp']}&vt={right['vt']}")).status == 200
    for target in (
        f"{TILE}?{query}&{name}={right[name]}", f"{TILE}?{query}&{name}=0", f"{TILE}?{name}=0&{query}", f"{TILE}?{query}&{name}",
        f"{TILE}?{query}&{spelled}={right[name]}", f"{TILE}?{spelled}=1&{query}",
    ):  # fmt: skip
        for _ in range(2):
            answer = await door.ask(target)
            assert answer.status == 400, (target, answer)


async def test_signatures_are_64_hex_digits(door: Door) -> None:
    exp = int(time.time()) + 60
    token = POLICY.viewer_token(HOME, exp)
    bad = [
        "", "0", "g" * 64, token[:-1], token + "0", token[:-1] + "g", "0x" + token[:62], token + "%00", "%00" + token[1:],
        token[:-1] + "%20", " ".join(token)[:64].replace(" ", "%20"), token.replace("a", "%EF%BD%81"), "%F0%9F%94%91", "None", "true", "[]",
        "\u0661".encode().hex(), "%D9%A1" * 64, token * 1000,
    ]  # fmt: skip
    for value in bad:
        for name in ("vt", "sig"):
            answer = await door.ask(f"{TILE}?exp={exp}&{name}={value}")
            assert answer.status in (400, 401, 414), (name, value)
    assert (await door.ask(f"{TILE}?exp={exp}&vt={token.upper()}")).status in (200, 400, 401)


async def test_an_expiry_is_a_plain_number_of_seconds(door: Door) -> None:
    now = int(time.time())
    odd = [
        "", "0", "-1", "-0", f"-{now + 60}", f"+{now + 60}", f"{now + 60}.0", f"{now + 60}e0", f"0{now + 60}", f"0x{now + 60:x}",
        f"%20{now + 60}", f"{now + 60}%20", f"{now + 60}%00", f"{now + 60}_0", "nan", "inf", "Infinity", "1e400", "9" * 20, "9" * 400,
        "9" * 5000, str(2**63), str(2**64), str(-(2**63)), "%D9%A1%D9%A2", "true", "null", f"{now + 60},{now + 60}", f"{now - 1}",
    ]  # fmt: skip
    for text in odd:
        for credential in (f"vt={POLICY.viewer_token(HOME, now + 60)}", f"sig={signed(TILE).rpartition('=')[2]}"):
            answer = await door.ask(f"{TILE}?exp={text}&{credential}")
            assert answer.status in (400, 401, 414), (text, answer)
    far = POLICY.sign_url(TILE, {}, 2**63)
    assert (await door.ask(far)).status in (200, 400), (
        "signed by one of ours: refused as no time, or as far off as it says"
    )


async def test_other_secrets_and_other_peoples_signatures_open_nothing(door: Door) -> None:
    exp = int(time.time()) + 60
    for secret in (b"another secret of 32 bytes length", b" ", SECRET.encode() + b" ", SECRET.encode()[:-1]):
        other = SignedLinks((secret,))
        assert (await door.ask(f"{TILE}?exp={exp}&vt={other.viewer_token(HOME, exp)}")).status == 401
        assert (await door.ask(other.sign_url(TILE, {}, exp))).status == 401
    # One kind of right never serves as another.
    url, token = signed(TILE, 60), POLICY.viewer_token(HOME, exp)
    assert (await door.ask(f"{TILE}?exp={exp}&sig={token}")).status == 401
    assert (await door.ask(url.replace("sig=", "vt="))).status == 401
    assert (await door.ask(url.replace("sig=", "grant="))).status in (400, 401, 403)
    for header in (
        f"Authorization: Bearer {token}",
        f"Cookie: wsi_session={token}; vt={token}; exp={exp}",
        f"X-Vt: {token}",
    ):
        assert (await door.ask(TILE, header)).status in (401, 403)


async def test_a_bad_credential_is_not_mended_by_none(door: Door) -> None:
    """Headers that name no right, or a forged one, never open what the URL doesn't."""
    for header in (
        "Authorization: Bearer ", "Authorization: Bearer null", "Authorization: Basic YWRtaW46YWRtaW4=", "Authorization: Bearer wsg1.",
        "Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.", "Cookie: wsi_session=", "Cookie: wsi_session=admin",
        "X-Forwarded-User: admin", "X-Remote-User: admin", "X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1", "X-Original-URI: /health",
        "X-Original-URL: /health", "X-Rewrite-URL: /health", "X-Forwarded-Prefix: /health", "X-Accel-Redirect: /health",
    ):  # fmt: skip
        for path in (TILE, "/slides", "/view/a%2Fb.tif"):
            answer = await door.ask(path, header)
            assert answer.status in (400, 401, 403), (header, answer)


async def test_access_is_checked_before_any_cache(door: Door, fortress: Fortress) -> None:
    ident, v = fortress.ids[HOME], fortress.versions[HOME]
    for path in slide_paths(ident)[:1] + slide_paths(ident)[4:7]:
        url = f"{path}?v={v}"
        warm = [await door.ask(f"{url}&{vt()}") for _ in range(3)]
        assert [a.status for a in warm] == [200] * 3
        etag = warm[0].header("etag")
        assert etag
        conditional = [
            f"If-None-Match: {etag}",
            "If-None-Match: *",
            "If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT",
            "Range: bytes=0-9",
        ]
        for token in ("", f"&{vt('b.tif')}", f"&{vt(seconds=-5)}", f"&exp={int(time.time()) + 60}&vt={'0' * 64}"):
            for method in ("GET", "HEAD"):
                for header in (
                    "X-A: b",
                    *conditional,
                    "Cache-Control: only-if-cached",
                    "Cache-Control: max-stale=99999",
                ):
                    answer = await door.ask(url + token, header, method=method)
                    assert answer.status == 401, (path, token, method, header)
                    assert not answer.all("etag")
                    assert warm[0].body not in answer.body


async def test_a_right_ends_with_the_second_it_names(door: Door, fortress: Fortress) -> None:
    end = int(time.time()) + 2
    url = f"{TILE}?v={fortress.versions[HOME]}&exp={end}&vt={POLICY.viewer_token(HOME, end)}"
    assert [(await door.ask(url)).status for _ in range(3)] == [200] * 3
    await asyncio.sleep(max(0.0, end + 1.1 - time.time()))
    assert [(await door.ask(url)).status for _ in range(2)] == [401] * 2
