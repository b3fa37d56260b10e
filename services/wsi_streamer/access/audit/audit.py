"""The audit log as services use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from wsi_streamer.access.audit.config import AuditConfig
from wsi_streamer.access.audit.viewing import Viewing
from wsi_streamer.access.caller import Caller
from wsi_streamer.catalog.database import Database
from wsi_streamer.telemetry.metrics import Metrics

Outcome = Literal["success", "refused", "failed"]


class Audit:
    """One process's log. A context is not needed: `start` begins it, `aclose` ends it."""

    def __init__(self, config: AuditConfig, now: Callable[[], float]) -> None:
        self._config = config
        self._now = now

    @classmethod
    async def start(
        cls,
        config: AuditConfig,
        database: Database,
        source_id: int,
        metrics: Metrics,
        *,
        service: str,
        now: Callable[[], float],
    ) -> Audit:
        """Begin to record.

        Raises:
            CatalogUnavailable: Postgres can't be reached; services can't start without it anyway.
        """
        return cls(config, now)

    def open_view(self, caller: Caller, slide_id: str, address: str) -> Viewing | None:
        """The session that a caller has open for a slide; None where `begin_view` must be awaited. Never waits."""
        return None

    async def begin_view(self, caller: Caller, slide_id: str, key: str | None, address: str) -> Viewing:
        """The session that a caller has open for a slide, or a new one, which is on record once this returns.

        Raises:
            AuditUnavailable: it can't be recorded, and must be.
        """
        return Viewing("", self._now(), address)

    async def act(
        self,
        action: str,
        caller: Caller,
        address: str,
        *,
        outcome: Outcome = "success",
        slide_id: str | None = None,
        key: str | None = None,
        detail: Mapping[str, str] | None = None,
    ) -> None:
        """Record an act; it is on record once this returns.

        Raises:
            AuditUnavailable: it can't be recorded, and must be.
        """

    def deny(
        self, caller: Caller | None, address: str, code: str, *, slide_id: str | None = None, route: str = ""
    ) -> None:
        """Record a refusal, soon; repeated ones are counted. Never waits, never raises."""

    async def aclose(self) -> None:
        """Record what was seen in sessions that are open, and end."""
