"""Stores that are closed when the test ends."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from wsi_streamer.objectstore.config import StoreConfig
from wsi_streamer.objectstore.observer import Observer
from wsi_streamer.objectstore.store import ObjectStore

OpenStore = Callable[..., Awaitable[ObjectStore]]


@pytest.fixture
async def open_store() -> AsyncIterator[OpenStore]:
    """`ObjectStore.open`, closed afterwards."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(config: StoreConfig, observer: Observer | None = None) -> ObjectStore:
            store = await ObjectStore.open(config, observer)
            stack.push_async_callback(store.aclose)
            return store

        yield start
