"""Errors as JSON: the only shape in which an error leaves a service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException

from wsi_streamer.slides.errors import InvalidRequest, Unauthorized, WsiError

_log = structlog.get_logger("wsi_streamer.web")

# Litestar's own refusals (no such route, a body that does not validate, …) under the API's codes.
_CODES = {400: "invalid_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
          413: "too_large", 415: "unsupported_media_type", 429: "busy", 503: "busy"}  # fmt: skip


def error_body(code: str, message: str, status: int) -> bytes:
    """The API's error object, encoded."""
    return msgspec.json.encode({"error": code, "message": message, "status": status})


def error_headers(error: WsiError) -> dict[str, str]:
    """Headers that go with an error: errors are never cached."""
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    if isinstance(error, Unauthorized):
        headers["www-authenticate"] = "Bearer"
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    return headers


def log_error(error: WsiError, **context: Any) -> None:
    """One line for an error that is ours (500 and up), one at debug level for the client's own."""
    if error.status >= 500:
        detail = getattr(error, "detail", None)
        _log.warning("request failed", error=error.code, message=error.message, detail=detail, **context)
    else:
        _log.debug("request refused", error=error.code, **context)


def _wsi_error(request: Request[Any, Any, Any], error: WsiError) -> Response[bytes]:
    log_error(error, request_id=request.scope.get("request_id"))
    return Response(
        error_body(error.code, error.message, error.status),
        status_code=error.status,
        media_type=MediaType.JSON,
        headers=error_headers(error),
    )


def _http_exception(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    message = "There is nothing here. The routes are in the API documentation." if error.status_code == 404 else ""
    if error.status_code < 500 and not message:
        message = f"{error.detail.rstrip('.')}."
        extra = error.extra
        if isinstance(extra, list):
            message += "".join(f" {e['message']}." for e in extra if isinstance(e, Mapping) and "message" in e)
    code = _CODES.get(error.status_code, "internal_error")
    return Response(
        error_body(code, message or "Something went wrong here.", error.status_code),
        status_code=error.status_code,
        media_type=MediaType.JSON,
        headers={**(error.headers or {}), "cache-control": "no-store", "x-content-type-options": "nosniff"},
    )


def unexpected_error_body() -> bytes:
    """What a client sees of a bug: no traceback, no message of the exception (it may name anything)."""
    return error_body("internal_error", "Something went wrong here; the server's log says what.", 500)


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    _log.error("unexpected error", request_id=request.scope.get("request_id"), exc_info=error)
    return Response(
        unexpected_error_body(), status_code=500, media_type=MediaType.JSON, headers={"cache-control": "no-store"}
    )


def _nested_too_deeply(request: Request[Any, Any, Any], error: RecursionError) -> Response[bytes]:
    """Decoders give up on a body that is nested too deeply. Nothing else that a request brings is read recursively."""
    if request.method in ("GET", "HEAD"):
        return _unexpected(request, error)
    return _wsi_error(request, InvalidRequest("The body is nested too deeply."))


EXCEPTION_HANDLERS: dict[int | type[Exception], Any] = {
    WsiError: _wsi_error,
    HTTPException: _http_exception,
    RecursionError: _nested_too_deeply,
    Exception: _unexpected,
}
"""For ``Litestar(exception_handlers=…)``."""
