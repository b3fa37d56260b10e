"""What stands at an address where nothing is: a page for people, the API's JSON for programs. Neither says more than that."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from wsi_streamer.tiles.sign_in_deps import SignInDeps, wants_page
from wsi_streamer.web.errors import EXCEPTION_HANDLERS
from wsi_streamer.web.html_page import html_response, notice_page
from wsi_streamer.web.words import words

AnyRequest = Request[Any, Any, Any]


def no_page(sign_in: SignInDeps, *, open_access: bool) -> Callable[[AnyRequest, HTTPException], Response[Any]]:
    """The handler of Litestar's own errors. Nobody is asked for a right here, so the page leads to the list only where
    everyone may see it."""

    def handler(request: AnyRequest, error: HTTPException) -> Response[Any]:
        if error.status_code != HTTPStatus.NOT_FOUND or request.method != "GET" or not wants_page(request):
            answer: Response[Any] = EXCEPTION_HANDLERS[HTTPException](request, error)
            return answer
        audience = sign_in.audience(request)
        said = words(audience.language)
        page = notice_page(
            sign_in.static, said.no_page, said.check_address, error.status_code, audience=audience, has_list=open_access
        )
        return html_response(page)

    return handler
