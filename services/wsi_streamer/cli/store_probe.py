"""Trying an object store on one of its objects."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_streamer.objectstore.errors import ObjectChanged
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.slides.errors import StorageError
from wsi_streamer.slides.keys import is_slide_key
from wsi_streamer.slides.slide import StoredObject

_WRONG_ETAG = '"00000000000000000000000000000000"'


@dataclass(frozen=True, slots=True)
class Sample:
    """An object to try it on."""

    key: str
    size: int
    etag: str


async def find_sample(store: ObjectStore, prefix: str) -> Sample | None:
    """The first slide of the first page, else its first object of at least two bytes; None where there is none.

    Raises:
        BucketNotFound, AccessDenied, StoreRefused, StoreUnreachable: as the store answers.
    """
    async for page in store.list(prefix):
        usable = [
            stored for stored in page if stored.size > 1 and stored.storage_class not in ("GLACIER", "DEEP_ARCHIVE")
        ]
        found: StoredObject | None = next(
            (one for one in usable if is_slide_key(one.key)), usable[0] if usable else None
        )
        return None if found is None else Sample(found.key, found.size, found.etag)
    return None


async def honours_range(store: ObjectStore, sample: Sample) -> None:
    """Read a part from within the object.

    Raises:
        StoreRefused: the store answers with another part, or the whole. Others as the store answers.
    """
    length = min(64, sample.size - 1)
    await store.get_range(sample.key, 1, length, etag=sample.etag or None)


async def honours_if_match(store: ObjectStore, sample: Sample) -> None:
    """Ask for another version than there is.

    Raises:
        StorageError: it comes all the same. Others as the store answers.
    """
    try:
        await store.get_range(sample.key, 0, 1, etag=_WRONG_ETAG)
    except ObjectChanged as answer:
        # Told apart by where it was noticed: a 412 of the store, or the ETag of an answer that should not have come.
        if "412" in answer.detail:
            return
    raise StorageError(
        "this store ignores If-Match. Tiles of a slide that is replaced while it is viewed may be wrong."
    )
