"""The viewer's build: few files with hashed names, held in memory."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
_MANIFEST = "manifest.json"
_REFUSED = ("q=0", "q=0.0", "q=0.00", "q=0.000")


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file and what it is sent with."""

    data: bytes
    gzipped: bytes
    headers: dict[str, str]

    def encoded_for(self, accept_encoding: str) -> tuple[bytes, dict[str, str]]:
        """Body and headers for a client that sent this Accept-Encoding."""
        offered = (part.partition(";") for part in accept_encoding.lower().split(","))
        if any(name.strip() == "gzip" and weight.strip() not in _REFUSED for name, _, weight in offered):
            return self.gzipped, {**self.headers, "content-encoding": "gzip"}
        return self.data, dict(self.headers)


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """All files of the build by name. Only these are served: no path of a request ever reaches the disk."""

    files: dict[str, StaticFile] = field(default_factory=dict)
    imports: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Scripts that a page's script loads at once, by its name."""

    @classmethod
    def load(cls, folder: Path = _FOLDER) -> StaticFiles:
        """Read the build; empty where the viewer was not built."""
        files = {}
        for path in sorted(folder.iterdir()) if folder.is_dir() else []:
            if path.suffix in _TYPES and path.is_file():
                headers = {
                    "content-type": _TYPES[path.suffix],
                    "cache-control": "public, max-age=31536000, immutable",
                    "vary": "Accept-Encoding",
                    "x-content-type-options": "nosniff",
                }
                data = path.read_bytes()
                files[path.name] = StaticFile(data, gzip.compress(data, mtime=0), headers)
        manifest = folder / _MANIFEST
        return cls(files, _imports(json.loads(manifest.read_bytes())) if manifest.is_file() else {})

    def named(self, stem: str, suffix: str) -> str | None:
        """The name of a file of the build, ``viewer-B1a2c3.js`` for ``viewer`` and ``.js``; None where it is missing."""
        return next((name for name in self.files if name.startswith(f"{stem}-") and name.endswith(suffix)), None)


def _imports(manifest: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """What each entry imports, and what that does, by Vite's manifest (https://vite.dev/guide/backend-integration)."""

    def chunks(key: str, known: set[str]) -> set[str]:
        for other in manifest[key].get("imports", ()):
            if other not in known:
                known.add(other)
                chunks(other, known)
        return known

    return {
        entry["file"]: tuple(sorted(manifest[other]["file"] for other in chunks(key, set())))
        for key, entry in manifest.items()
        if entry.get("isEntry")
    }
