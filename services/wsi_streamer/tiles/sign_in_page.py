"""In place of a slide's page, for people who must sign in first: a script keeps the address's fragment, and goes on.

A redirect would carry the fragment along, into the identity provider's pages, where it is lost in the first form. It holds what
part of the slide is looked at, and perhaps rights to slides beside it: neither is the provider's business.
"""

from __future__ import annotations

from wsi_streamer.slides.errors import RightEnded, Unauthorized
from wsi_streamer.web.audience import Audience
from wsi_streamer.web.error_words import sentence
from wsi_streamer.web.html_page import HtmlPage, page, text
from wsi_streamer.web.static_files import StaticFiles
from wsi_streamer.web.words import words

SCRIPT = "sign-in"


def sign_in_page(static: StaticFiles, audience: Audience, there: str, error: Unauthorized) -> HtmlPage | None:
    """The page; None where the viewer isn't built, and nothing could keep a fragment.

    Args:
        static: holds the script.
        audience: who is to sign in; only our own pages may hold this one in a frame, as it has something to press.
        there: path and query of the way in, made by `sign_in_location`. The script goes where the link does.
        error: why the slide's page is not shown; the page's status is its status.
    """
    if static.named(SCRIPT, ".js") is None:
        return None
    said = words(audience.language)
    why = sentence(error, audience.language) if isinstance(error, RightEnded) else said.sign_in_first
    body = (
        f'<main class="notice"><h1>{text(said.not_signed_in)}</h1><p>{text(why)}</p>'
        f'<p><a id="sign-in" href="{text(there)}">{text(said.sign_in)}</a></p></main>'
    )
    return page(static, said.not_signed_in, body, script=SCRIPT, status=error.status, audience=audience.unframed())
