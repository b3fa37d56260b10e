"""Both event loops that the services may run on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import uvloop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Each test of this folder runs on each of them."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
