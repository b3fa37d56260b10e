"""What can go wrong with an object store, as errors of the API."""

from __future__ import annotations

from typing import TypeVar

from wsi_streamer.slides.errors import NotFound, SlideChanged, StorageError, StorageUnreachable


class _Detailed:
    """``detail`` is for the operator's log: it may name the endpoint's answer, never a key or a credential."""

    detail: str = ""


E = TypeVar("E", bound=_Detailed)


class ObjectNotFound(_Detailed, NotFound):
    """404: no such object."""


class BucketNotFound(_Detailed, StorageError):
    """404 NoSuchBucket."""


class ObjectChanged(_Detailed, SlideChanged):
    """412 or 416: not the object that was indexed."""


class AccessDenied(_Detailed, StorageError):
    """403: the credentials are wrong or don't reach so far."""


class StoreRefused(_Detailed, StorageError):
    """Any other answer that can't be used."""


class StoreUnreachable(_Detailed, StorageUnreachable):
    """No usable answer within the deadline."""


def detailed(error: E, detail: str) -> E:
    """The error with a detail for the log."""
    error.detail = detail
    return error
