"""How much script the pages bring: a hospital's remote site has a slow line."""

from __future__ import annotations

import re

import pytest

from tests.support.needs import missing
from wsi_streamer.web.static_files import StaticFiles

MOST = 400_000
"""Bytes of JavaScript, gzip, of the gallery and the slide's page together."""

LEAST = 2_000
"""The same of the page before signing in, which only leads on."""

_IMPORTED = re.compile(rb"""["'`]\./([\w.-]+\.js)["'`]""")


def needed(static: StaticFiles, *entries: str) -> set[str]:
    """Names of the entries and of all that they import, at once or later."""
    found: set[str] = set()
    wanted = {name for entry in entries if (name := static.named(entry, ".js")) is not None}
    while wanted - found:
        name = (wanted - found).pop()
        found.add(name)
        wanted |= {match.decode() for match in _IMPORTED.findall(static.files[name].data)} & set(static.files)
    return found


def test_the_pages_stay_light(capsys: pytest.CaptureFixture[str]) -> None:
    static = StaticFiles.load()
    pages = needed(static, "gallery", "viewer")
    if not pages:
        missing("the viewer's build: make viewer")
    weight = sum(len(static.files[name].gzipped) for name in pages)
    schema = needed(static, "schema", "swagger")
    beside = sum(len(static.files[name].gzipped) for name in schema)
    with capsys.disabled():
        print(f"\nScript of / and /view: {weight / 1000:.0f} kB gzip of {MOST / 1000:.0f}; ", end="")
        print(f"/schema besides, mostly Swagger UI: {beside / 1000:.0f} kB")
    assert weight < MOST, {name: len(static.files[name].gzipped) for name in sorted(pages)}
    sign_in = needed(static, "sign-in")
    assert sum(len(static.files[name].gzipped) for name in sign_in) < LEAST, (
        "people wait for it before they may sign in"
    )
    others = {name for name in static.files if name.endswith(".js")} - pages - schema - sign_in
    assert not [name for name in others if not name.startswith("embed")], "all that is built belongs to a page"


def test_what_is_imported_is_counted() -> None:
    static = StaticFiles.load()
    if static.named("viewer", ".js") is None:
        missing("the viewer's build: make viewer")
    viewer = static.named("viewer", ".js")
    assert viewer is not None
    assert {viewer, *static.imports[viewer]} == needed(static, "viewer"), (
        "the page names all, so that they load at once"
    )
    both = needed(static, "viewer") & needed(static, "gallery")
    assert both, "a chunk that both pages share"
