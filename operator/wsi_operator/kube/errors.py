"""What the API server may answer other than yes."""

from __future__ import annotations

import json
from typing import Any


class ApiError(Exception):
    """The API server refused, or didn't answer.

    ``message`` is the server's own sentence: it may name objects and fields, and values of fields (never of Secrets,
    which this operator sends one of: its own).
    """

    def __init__(self, message: str, *, status: int = 0, reason: str = "", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.reason = reason
        self.retry_after = retry_after


class Unreachable(ApiError):
    """No answer: connection refused or dropped, or too slow."""


class Unauthorized(ApiError):
    """401: who asks isn't known (any more)."""


class Refused(ApiError):
    """This request as it is won't do, now or later: 400, 403, 405, 415, 422. The base of the next two."""


class Forbidden(Refused):
    """403: RBAC, a quota or an admission policy forbids it."""


class Invalid(Refused):
    """422: the object breaks a rule of its schema or kind."""


class NotFound(ApiError):
    """404: no such object, or no such API."""


class Conflict(ApiError):
    """409: it exists already, was changed meanwhile, or a field belongs to another manager."""


class TooManyRequests(ApiError):
    """429: later; ``retry_after`` says when, in seconds, if the server did."""


class ServerError(ApiError):
    """5xx: the server (or an admission webhook) failed."""


_BY_STATUS: dict[int, type[ApiError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: Invalid,
    429: TooManyRequests,
}


def error_of(status: int, body: bytes, retry_after: str | None) -> ApiError:
    """The error for an answer with this status (400 and above) and body (a ``Status`` object, or anything)."""
    told: dict[str, Any] = {}
    try:
        parsed = json.loads(body)
        told = parsed if isinstance(parsed, dict) else {}
    except ValueError:
        pass
    kind = _BY_STATUS.get(status) or (ServerError if status >= 500 else Refused)
    message = str(told.get("message") or f"HTTP {status}")
    details = told.get("details")
    after = retry_after or (details.get("retryAfterSeconds") if isinstance(details, dict) else None)
    return kind(message, status=status, reason=str(told.get("reason") or ""), retry_after=_seconds(after))


def _seconds(text: object) -> float | None:
    try:
        return max(0.0, float(str(text)))
    except ValueError:
        return None
