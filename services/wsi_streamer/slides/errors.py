"""Every error that reaches a user, with the code and the HTTP status the API promises for it."""

from __future__ import annotations


class WsiError(Exception):
    """An error with a code of the API.

    ``message`` is written for the user and never names a bucket, an endpoint, a credential or a path on disk.
    """

    code = "internal_error"
    status = 500
    retry_after: int | None = None

    def __init__(self, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        if retry_after is not None:
            self.retry_after = retry_after


class InvalidRequest(WsiError):
    """400: a parameter that can't be read."""

    code = "invalid_request"
    status = 400


class InvalidLevel(WsiError):
    """400: the slide has no such level."""

    code = "invalid_level"
    status = 400


class TileOutOfBounds(WsiError):
    """400: the level has no such tile."""

    code = "tile_out_of_bounds"
    status = 400


class InvalidQuality(WsiError):
    """400: a JPEG quality outside 1 to 100."""

    code = "invalid_quality"
    status = 400


class InvalidSignatureFormat(WsiError):
    """400: a signature that is not 64 hex digits."""

    code = "invalid_signature_format"
    status = 400


class InvalidExpiryFormat(WsiError):
    """400: an expiry that is not a plain count of seconds."""

    code = "invalid_expiry_format"
    status = 400


class MissingSignature(WsiError):
    """401: access is on and the request is not signed."""

    code = "missing_signature"
    status = 401


class MissingExpiry(WsiError):
    """401: a signature without its expiry."""

    code = "missing_expiry"
    status = 401


class SignatureExpired(WsiError):
    """401: signed, but too long ago."""

    code = "signature_expired"
    status = 401


class InvalidSignature(WsiError):
    """401: the signature is not ours."""

    code = "invalid_signature"
    status = 401


class Unauthorized(WsiError):
    """401: nothing was shown that gives a right, or it is not (any more) right: a token, an identity, a grant."""

    code = "unauthorized"
    status = 401


class RightEnded(Unauthorized):
    """401: a grant or a session that was right, and has been revoked or come to its end."""


class NotSignedIn(Unauthorized):
    """401: nothing was shown at all, where identities are asked for."""


class Forbidden(WsiError):
    """403: known, but not allowed."""

    code = "forbidden"
    status = 403


class TooManyFailures(WsiError):
    """429: the address has been refused again and again."""

    code = "too_many_failures"
    status = 429
    retry_after = 60


class NotFound(WsiError):
    """404: no such slide or route."""

    code = "not_found"
    status = 404


class SlideChanged(WsiError):
    """409: the object was replaced while it was read, and its new version is not indexed yet."""

    code = "slide_changed"
    status = 409
    retry_after = 2


class UnsupportedFormat(WsiError):
    """415: the file is not one we can serve rightly; the message says what was found."""

    code = "unsupported_format"
    status = 415


class StorageError(WsiError):
    """500: the object store refused."""

    code = "storage_error"
    status = 500


class StorageUnreachable(WsiError):
    """502: the object store can't be reached, or did not answer in time."""

    code = "connection_error"
    status = 502


class DecodeError(WsiError):
    """500: a tile's bytes don't decode."""

    code = "decode_error"
    status = 500


class EncodeError(WsiError):
    """500: a tile's pixels don't encode."""

    code = "encode_error"
    status = 500


class Busy(WsiError):
    """503: more asked for than can be done now."""

    code = "busy"
    status = 503
    retry_after = 2


class CatalogUnavailable(WsiError):
    """503: Postgres can't be reached."""

    code = "catalog_unavailable"
    status = 503
    retry_after = 5


class AuditUnavailable(WsiError):
    """503: who sees a slide can't be recorded now, and nobody is to see one unrecorded."""

    code = "audit_unavailable"
    status = 503
    retry_after = 10


class IdentityProviderUnavailable(WsiError):
    """503: the identity provider can't be asked for its keys."""

    code = "identity_provider_unavailable"
    status = 503
    retry_after = 10
