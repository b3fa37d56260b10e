"""Credentials from botocore's chain: environment, profile, web identity, container, instance role."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Any

import botocore.exceptions
import botocore.session
import structlog

from wsi_streamer.objectstore.errors import AccessDenied

REFRESH_SECONDS = 60.0
"""botocore renews credentials that end within 15 minutes when asked; it is asked this often, off the hot path."""

_log = structlog.get_logger("wsi_streamer.objectstore")


@dataclass(frozen=True, slots=True)
class Credentials:
    """One set of credentials; ``token`` with temporary ones."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(repr=False, default=None)


class CredentialSource:
    """Keeps the current credentials at hand: reading them costs nothing."""

    def __init__(self, chain: Any, current: Credentials) -> None:
        self.current = current
        self._chain = chain
        self._task = asyncio.create_task(self._refresh())

    @classmethod
    async def open(cls) -> CredentialSource:
        """Find credentials.

        Raises:
            AccessDenied: there are none.
        """
        try:
            chain = await asyncio.to_thread(_find)
            current = None if chain is None else await asyncio.to_thread(_freeze, chain)
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
            raise AccessDenied(f"AWS credentials can't be used: {error}") from error
        except Exception as error:
            # A credential process that prints no JSON, say; what it printed stays unsaid.
            raise AccessDenied(f"AWS credentials can't be read: {type(error).__name__}.") from error
        if current is None:
            raise AccessDenied(
                "No AWS credentials were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, "
                "or run where a role gives them."
            )
        return cls(chain, current)

    async def _refresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            try:
                self.current = await asyncio.to_thread(_freeze, self._chain)
            except Exception as error:  # noqa: BLE001 - credential processes and plug-ins raise anything
                # The old ones go on being used: they may well outlive this fault, and this task must.
                _log.warning("AWS credentials could not be refreshed", reason=type(error).__name__)

    async def aclose(self) -> None:
        """Stop refreshing."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


def _find() -> Any:
    return botocore.session.Session().get_credentials()


def _freeze(chain: Any) -> Credentials:
    frozen = chain.get_frozen_credentials()
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token)
