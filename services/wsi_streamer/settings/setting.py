"""A row of the table of settings: its name on the command line, its group, what the help says."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import MISSING, field
from pathlib import Path
from typing import Any

import platformdirs

MB = 1024 * 1024

SLIDES, ADDRESS, ACCESS, ADMIN = "Where the slides are", "Address", "Access", "Administration"
IDENTITIES, AUDIT = "Identities (OpenID Connect)", "Audit log"
CATALOG, INDEXING, SERVING, LOGS = "Catalog", "Indexing", "Serving", "Logs"


def setting(
    group: str,
    env: str | None,
    help_text: str,
    default: Any = MISSING,
    *,
    factory: Callable[[], Any] | None = None,
    secret: bool = False,
    shown: str | None = None,
) -> Any:
    """A field with what the command line needs to know; ``shown`` stands for the default in the help."""
    metadata = {"group": group, "env": env, "help": help_text, "secret": secret, "shown": shown}
    if factory is not None:
        return field(default_factory=factory, repr=not secret, metadata=metadata)
    return field(default=default, repr=not secret, metadata=metadata)


def flag(name: str) -> str:
    """The option of a setting."""
    return "--" + name.replace("_", "-")


def default_data_dir() -> Path:
    """``$XDG_DATA_HOME/wsi-streamer``, by default ``~/.local/share/wsi-streamer``."""
    return Path(platformdirs.user_data_dir("wsi-streamer"))


def default_threads() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
