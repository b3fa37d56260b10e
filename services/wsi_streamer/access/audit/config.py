"""How a process keeps its audit log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class AuditConfig:
    """What the settings say of it."""

    views: bool
    """Whether views are recorded: False where access is open, since nobody knows who looks."""

    required: bool
    """Whether nobody may see further slides while no record can be kept."""

    spool: Path
    """Folder for records while Postgres is away; processes may share it."""

    spool_bytes: int = 64 * MB
    """Of that folder at most."""
