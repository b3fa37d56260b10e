"""The viewer's build: few files with hashed names, held in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

_FOLDER = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file and what it is sent with."""

    data: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """All files of the build by name. Only these are served: no path of a request ever reaches the disk."""

    files: dict[str, StaticFile] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path = _FOLDER) -> StaticFiles:
        """Read the build; empty where the viewer was not built."""
        files = {}
        for path in sorted(folder.iterdir()) if folder.is_dir() else []:
            if path.suffix in _TYPES:
                headers = {
                    "content-type": _TYPES[path.suffix],
                    "cache-control": "public, max-age=31536000, immutable",
                    "x-content-type-options": "nosniff",
                }
                files[path.name] = StaticFile(path.read_bytes(), headers)
        return cls(files)

    def named(self, stem: str, suffix: str) -> str | None:
        """The name of a file of the build, ``viewer-B1a2c3.js`` for ``viewer`` and ``.js``; None where it is missing."""
        return next((name for name in self.files if name.startswith(f"{stem}-") and name.endswith(suffix)), None)
