"""What the operator is told by its environment."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass


class InvalidSetting(ValueError):
    """A setting can't be used; the message names the variable and what it takes."""


@dataclass(frozen=True, slots=True)
class OperatorSettings:
    """Read once at the start; times are in seconds."""

    namespaces: tuple[str, ...]
    """Where resources are looked after. Empty: in the whole cluster."""

    image: str
    """The services' image for resources that name none."""

    namespace: str
    """Where the operator itself runs: the pods of this namespace may ask the indexers' admin API."""

    resync_seconds: float
    """The mean time between two rounds over all resources; each pause is up to a fifth longer or shorter."""

    watch_lag_seconds: float
    """How late a change that the operator has read may come by its watch before the operator calls itself sick."""

    port: int
    """Of /healthz, /readyz and /metrics, on all addresses. 0: a free one, which the log names."""

    log_level: int

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> OperatorSettings:
        """Read the ``WSI_OPERATOR_…`` variables.

        Raises:
            InvalidSetting: one of them can't be used.
        """
        image = environ.get("WSI_OPERATOR_IMAGE", "").strip()
        if not image:
            raise InvalidSetting("WSI_OPERATOR_IMAGE must name the services' image, as in registry/wsi-streamer:1.0")
        return cls(
            namespaces=tuple(dict.fromkeys(_names(environ.get("WSI_OPERATOR_NAMESPACES", "")))),
            image=image,
            namespace=environ.get("WSI_OPERATOR_NAMESPACE", "").strip() or "default",
            resync_seconds=_number(environ, "WSI_OPERATOR_RESYNC_SECONDS", 20.0, least=0.5, most=600.0),
            watch_lag_seconds=_number(environ, "WSI_OPERATOR_WATCH_LAG_SECONDS", 60.0, least=1.0, most=3600.0),
            port=int(_number(environ, "WSI_OPERATOR_PORT", 8080, least=0, most=65535)),
            log_level=_level(environ.get("WSI_OPERATOR_LOG_LEVEL", "info")),
        )


def _names(listed: str) -> list[str]:
    return [name.strip() for name in listed.split(",") if name.strip()]


def _number(environ: Mapping[str, str], name: str, default: float, *, least: float, most: float) -> float:
    text = environ.get(name, "").strip()
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        raise InvalidSetting(f"{name} must be a number from {least:g} to {most:g}")
    return number


def _level(name: str) -> int:
    levels = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
    try:
        return levels[name.strip().lower() or "info"]
    except KeyError:
        raise InvalidSetting("WSI_OPERATOR_LOG_LEVEL must be debug, info, warning or error") from None
