"""The page before signing in: one link, its script, and nothing of what an address says that could become more."""

from __future__ import annotations

from tests.unit.tiles.test_pages import BUILT, NASTY, Elements
from wsi_streamer.slides.errors import NotSignedIn, RightEnded
from wsi_streamer.tiles.sign_in_handlers import sign_in_location
from wsi_streamer.tiles.sign_in_page import sign_in_page
from wsi_streamer.web.audience import Audience
from wsi_streamer.web.html_page import HtmlPage
from wsi_streamer.web.static_files import StaticFile, StaticFiles

WITH_SCRIPT = StaticFiles(BUILT.files | {"sign-in-1.js": StaticFile(b"", b"", {})})
THERE = "/auth/login?next=/view/s-1%3Fx%3D1"
ANYONE = Audience()
NOBODY = NotSignedIn("You are not signed in.")


def made(there: str = THERE, audience: Audience = ANYONE, error: NotSignedIn | RightEnded = NOBODY) -> HtmlPage:
    page = sign_in_page(WITH_SCRIPT, audience, there, error)
    assert page is not None
    return page


def test_it_leads_to_signing_in_with_a_script_and_without() -> None:
    page = made()
    elements = Elements(page)
    assert page.status == 401
    assert "location" not in page.headers
    assert elements.all("script", "src") == ["/static/sign-in-1.js"]
    assert elements.scripts == [], "nothing inline"
    assert [attrs for tag, attrs in elements.found if tag == "a"] == [{"id": "sign-in", "href": THERE}]
    assert "Sign in" in elements.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"


def test_it_speaks_the_languages_of_people() -> None:
    page = made(audience=Audience("ja")).body.decode()
    assert '<html lang="ja">' in page
    assert ">サインイン</a>" in page


def test_a_right_that_has_ended_is_told_of() -> None:
    ended = RightEnded("The grant has been revoked. Ask for a new link.")
    assert ended.message in Elements(made(error=ended)).text


def test_nobody_elses_page_may_frame_it() -> None:
    policy = made(audience=Audience(ancestors=("https://portal.test",))).headers["content-security-policy"]
    assert policy.endswith("frame-ancestors 'self'")


def test_no_address_becomes_markup_or_another_sites() -> None:
    want = Elements(made()).shape()
    for name in NASTY:
        for path, query in ((b"/view/" + name.encode(), b""), (b"/view/s-1", b"x=" + name.encode())):
            page = Elements(made(sign_in_location(path, query)))
            assert page.shape() == want
            (link,) = page.all("a", "href")
            assert link.startswith("/auth/login?next=/")
        raw = Elements(made(f"{THERE}{name}"))
        assert raw.shape() == want
        assert raw.all("a", "href") == [f"{THERE}{name}"]


def test_without_the_script_there_is_no_page() -> None:
    assert sign_in_page(StaticFiles(), ANYONE, THERE, NOBODY) is None
    assert sign_in_page(BUILT, ANYONE, THERE, NOBODY) is None
