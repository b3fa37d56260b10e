"""Names in paths that something on the way might read differently: never another slide."""

from __future__ import annotations

import pytest

from tests.support.fortress import HOME, Door, Fortress, signed, tile_path, vt

pytestmark = pytest.mark.asyncio(loop_scope="module")

REFUSED = {400, 401, 403, 404}

MEANT = {
    "a%2Fb.tif": "a/b.tif", "a%2fb.tif": "a/b.tif", "%61%2F%62.tif": "a/b.tif", "a%252Fb.tif": "a%2Fb.tif",
    "a%25252Fb.tif": "a%252Fb.tif", "b.tif": "b.tif", "%62.tif": "b.tif", "b%2etif": "b.tif", "a;b.tif": "a;b.tif",
    "a%3Bb.tif": "a;b.tif", "a%5Cb.tif": "a\\b.tif", "a%20b.tif": "a b.tif", "a+b.tif": "a+b.tif", "a%2Bb.tif": "a+b.tif",
    "A.TIF": "A.TIF", "%c3%a4.tif": "\u00e4.tif", "a%cc%88.tif": "a\u0308.tif", "a%EF%BC%8Fb.tif": "a／b.tif",
    "..%2Fb.tif": "../b.tif", "%2e%2e%2Fb.tif": "../b.tif", "%2E%2E%2fb.tif": "../b.tif", "x%2F..%2Fb.tif": "x/../b.tif",
    "a%2F%2Fb.tif": "a//b.tif", ".%2Fb.tif": "./b.tif", "a%2500.tif": "a%00.tif", "a%25c0%25afb.tif": "a%c0%afb.tif",
}  # fmt: skip
"""What a path segment says, decoded once."""

NOBODYS = [
    "a%c0%afb.tif", "a%C0%AFb.tif", "a%e0%80%afb.tif", "a%f0%80%80%afb.tif", "%c0%ae%c0%ae%2Fb.tif", "%c1%a2.tif",
    "a%ed%a0%80b.tif", "a%ffb.tif", "b.tif%00", "b.tif%00.jpg", "%00b.tif", "a%00.tif", "b.tif%20", "b.tif.", "%20b.tif",
    "b.tif%0a", "b.tif%0d%0aSet-Cookie:x=1", "b.tif;x", "b.tif;v=1", "b.tif%3Bx", "b.tif%23", "b.tif%3Fx", "a.tif%2F..%2Fb.tif",
    "a%2F..%2Fb.tif", "a%2Fx%2F..%2Fb.tif", "%2Fb.tif", "b.tif%2F", "%2F%2Fb.tif", "a%u002fb.tif", "a%2", "a%", "a%2Gb.tif",
    "%", "%%32%66", "a%%2Fb.tif", "B.tif", "a%2FB.tif", "..", ".", "%2e", "%2e%2e", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "*", "%2A",
    "a%2F*.tif", "a%2F%25.tif", "a%2F_.tif", "'%20OR%20'1'='1", "%27%3B--", "s-" + "a" * 24, "S-" + "A" * 24,
]  # fmt: skip
"""What is no slide's name, but might become one."""

RAW = [
    "/tiles/../b.tif/0/0/0.jpg", "/tiles/./b.tif/0/0/0.jpg", "/tiles//b.tif/0/0/0.jpg", "//tiles/b.tif/0/0/0.jpg",
    "/x/../tiles/b.tif/0/0/0.jpg", "/tiles/a/../b.tif/0/0/0.jpg", "/tiles/a/b.tif/0/0/0.jpg", "/tiles/%2e%2e/b.tif/0/0/0.jpg",
    "/tiles/a/%2e%2e/b.tif/0/0/0.jpg", "/tiles/..;/b.tif/0/0/0.jpg", "/tiles/b.tif/0/0/../0/0.jpg", "/tiles/b.tif//0/0/0.jpg",
    "/tiles;x/b.tif/0/0/0.jpg", "/%74iles/b.tif/0/0/0.jpg", "/TILES/b.tif/0/0/0.jpg", "/tiles%2Fb.tif/0/0/0.jpg",
    "/tiles/b.tif/0/0/0.jpg/", "/tiles/b.tif/0/0/0.jpg;x", "/tiles/b.tif/0/0/0.jpg%00", "/tiles/b.tif/0/0/0.jpg%20",
    "/tiles/b.tif/0/0/%30.jpg", "/tiles/b.tif/0/0/0%2ejpg", "/tiles/b.tif/0/0/+0.jpg", "/tiles/b.tif/0/0/-0.jpg",
    "/tiles/b.tif/0x0/0/0.jpg", "/tiles/b.tif/0/0/0.JPG", "/tiles/b.tif/0/0/0.jpg.jpg", "/tiles/b.tif/\u0660/0/0.jpg".encode(),
    "/static/..%2f..%2fsettings.py", "/static/../../settings.py", "/static/%2e%2e/%2e%2e/settings.py", "/slides/../health/../slides",
    "/tiles/a\\b.tif/0/0/0.jpg\\..\\..", b"/tiles/a\xc0\xafb.tif/0/0/0.jpg", b"/tiles/b.tif\x00/0/0/0.jpg", "/tiles/b.tif\t/0/0/0.jpg",
]  # fmt: skip
"""Targets that are no route here, but are to whoever tidies paths."""


async def test_a_name_is_decoded_once_and_is_that_slide(door: Door, fortress: Fortress) -> None:
    for segment, key in MEANT.items():
        path = f"/tiles/{segment}/0/0/0.jpg"
        for target in (f"{path}?{vt(key)}", signed(path), f"{path}?{vt(key)}&v={fortress.versions[key]}"):
            answer = await door.ask(target)
            assert answer.status == 200, (segment, answer)
            assert fortress.key_of(answer.body) == key, segment


async def test_a_right_to_one_slide_opens_no_other_however_it_is_written(door: Door, fortress: Fortress) -> None:
    for segment, key in MEANT.items():
        if key == HOME:
            continue
        for path in (
            f"/tiles/{segment}/0/0/0.jpg",
            f"/slides/{segment}",
            f"/slides/{segment}/thumbnail",
            f"/slides/{segment}.dzi",
        ):
            answer = await door.ask(f"{path}?{vt(HOME)}&v={fortress.versions[key]}")
            assert answer.status in REFUSED, (path, answer)
            assert fortress.key_of(answer.body) is None


async def test_what_is_no_name_is_no_slide_even_with_every_right(door: Door, fortress: Fortress) -> None:
    for segment in NOBODYS:
        path = f"/tiles/{segment}/0/0/0.jpg"
        for target in (signed(path), f"{path}?{vt(HOME)}", f"{path}?{vt('b.tif')}"):
            answer = await door.ask(target)
            assert answer.status in REFUSED, (target, answer)
            assert fortress.key_of(answer.body) is None
            assert not answer.all("set-cookie")


async def test_targets_that_only_a_tidy_reader_takes_for_a_route_are_none(door: Door, fortress: Fortress) -> None:
    for path in RAW:
        text = path if isinstance(path, str) else path.decode("latin-1")
        for query in (vt("b.tif"), vt(HOME), signed(text).partition("?")[2]):
            answer = await door.ask(f"{text}?{query}")
            assert answer.status in REFUSED, (path, answer)
            assert fortress.key_of(answer.body) is None
            assert b"import" not in answer.body


async def test_an_opaque_id_has_one_spelling(door: Door, fortress: Fortress) -> None:
    ident = fortress.ids[HOME]
    assert (await door.ask(f"{tile_path(ident)}?{vt()}")).body == fortress.tiles[HOME]
    for other in (
        ident.upper(),
        ident + "%20",
        ident + "%00",
        ident[:-1],
        ident + "a",
        "%20" + ident,
        ident + ".tif",
        ident + "%0a",
    ):
        path = f"/tiles/{other}/0/0/0.jpg"
        for target in (f"{path}?{vt()}", signed(path)):
            assert (await door.ask(target)).status in REFUSED, other


async def test_a_deep_zoom_path_is_of_one_slide_for_everyone_on_the_way(door: Door, fortress: Fortress) -> None:
    """/slides/x_files/9/0_0.jpg is a tile of x, whatever slides are called x/s_files/9.tif or x.dzi.tif."""
    for path in (
        "/slides/a%2Fb.tif_files/0/0_0.jpg", "/slides/a%2Fb.tif/dzi_files/0/0_0.jpg", "/slides/a%2Fb.tif.dzi",
    ):  # fmt: skip
        assert (await door.ask(f"{path}?{vt()}")).status == 200
        for other in ("b.tif", "x.dzi.tif", "x/s_files/9.tif"):
            assert (await door.ask(f"{path}?{vt(other)}")).status == 401
    for path in (
        "/slides/x%2Fs_files/9.tif",
        "/slides/x/s_files/9.tif",
        "/slides/x_files/9.tif",
        "/slides/_files/0/0_0.jpg",
        "/slides/.dzi",
    ):
        assert (await door.ask(f"{path}?{vt()}")).status in REFUSED


async def test_a_prefix_is_not_left_by_dots(door: Door, fortress: Fortress) -> None:
    """A store on a file system hands out b.tif for a/../b.tif: whoever may see what begins with a/ must not get that."""
    for segment in ("a%2F..%2Fb.tif", "a%2F.%2Fb.tif", "a%2F%2Fb2.tif", ".%2Fa.tif", "%2Fa.tif", "a%5C..%5Cb.tif"):
        for path in (f"/tiles/{segment}/0/0/0.jpg", f"/slides/{segment}", f"/slides/{segment}/thumbnail"):
            answer = await door.ask(signed(path))
            assert answer.status == 404, (path, answer)
    keys = {row.key for row in (await fortress.service.catalog.listing.page(limit=1000)).rows}
    assert keys == set(fortress.ids), "and nothing of that is in the catalog"
