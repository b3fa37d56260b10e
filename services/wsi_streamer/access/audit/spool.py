"""Records on disk while Postgres is away: a file for each writer, lines in the order of its chain.

A file is locked by the process that writes it for as long as that lives (the kernel lets go of it whatever ends the
process), so that others can tell what a dead one has left, and deliver it. Blocking: runs in a thread.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wsi_streamer.access.audit.chain import row_of
from wsi_streamer.catalog.audit import AuditRow

SUFFIX = ".spool"


class SpoolFull(Exception):
    """No more bytes may be taken."""


class Spool:
    """The file of this process. Made when it is first needed: under another name until it is locked, so that nobody
    takes it for a dead writer's."""

    def __init__(self, folder: Path, log_id: str, writer: str, max_bytes: int) -> None:
        self._folder = folder
        self._path = folder / f"{log_id}.{writer}{SUFFIX}"
        self._max_bytes = max_bytes
        self._file: int | None = None
        self._read = 0
        self._written = 0

    @property
    def is_empty(self) -> bool:
        """Whether all that was written has been delivered."""
        return self._read == self._written

    def append(self, rows: Sequence[AuditRow]) -> None:
        """Write rows; all of them are on disk once this returns, and none counts where it raises.

        Raises:
            SpoolFull: there is no room for them.
            OSError: the disk does not take them.
        """
        data = b"".join(_line(row) for row in rows)
        if self._file is None:
            self._file = self._make()
        if _bytes_in(self._folder) + len(data) > self._max_bytes:
            raise SpoolFull
        os.ftruncate(self._file, self._written)  # what an earlier attempt may have left
        left = memoryview(data)
        at = self._written
        while left:
            count = os.pwrite(self._file, left, at)
            left, at = left[count:], at + count
        os.fsync(self._file)
        self._written = at

    def next_rows(self, most: int) -> list[AuditRow]:
        """The next rows to deliver; `delivered` goes on behind them.

        Raises:
            OSError: they can't be read.
        """
        if self._file is None:
            return []
        return [row for row, _ in _rows(self._file, self._read, self._written, most)]

    def delivered(self, count: int) -> None:
        """The next ``count`` rows are in Postgres; once all are, their room is free again.

        Raises:
            OSError: the file can't be cut.
        """
        if self._file is None:
            return
        ends = [end for _, end in _rows(self._file, self._read, self._written, count)]
        self._read = ends[-1] if ends else self._read
        if self.is_empty:
            os.ftruncate(self._file, 0)
            os.fsync(self._file)
            self._read = self._written = 0

    def close(self) -> None:
        """Let go of the file; an empty one is removed."""
        if self._file is None:
            return
        if self.is_empty:
            self._path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = None

    def _make(self) -> int:
        make_folder(self._folder)
        new = self._path.with_suffix(".new")
        file = os.open(new, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            new.rename(self._path)
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)  # or a power cut forgets the name
            finally:
                os.close(folder)
        except BaseException:
            os.close(file)
            raise
        return file


@dataclass(frozen=True, slots=True)
class Leftover:
    """What a dead writer has left; locked until `close`."""

    path: Path
    _file: int

    def batches(self, most: int) -> Iterator[list[AuditRow]]:
        """Its rows in order. A last line that was not finished was never acknowledged, and is left out.

        Raises:
            OSError: they can't be read.
        """
        at, end = 0, os.fstat(self._file).st_size
        while found := list(_rows(self._file, at, end, most)):
            yield [row for row, _ in found]
            at = found[-1][1]

    def remove(self) -> None:
        """All of it is delivered.

        Raises:
            OSError: it can't be removed.
        """
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._file)


def leftovers(folder: Path, log_id: str) -> Iterator[Leftover]:
    """Files of writers that have ended, of one database's log. Each must be closed.

    Raises:
        OSError: the folder can't be read.
    """
    for path in sorted(folder.glob(f"{log_id}.*{SUFFIX}")):
        try:
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)  # it lives
            continue
        yield Leftover(path, file)


def make_folder(folder: Path) -> None:
    """Nobody else may enter it.

    Raises:
        OSError: it can't be made, or is not writable.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077 and folder.stat().st_uid == os.geteuid():
        folder.chmod(0o700)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"{folder} is not writable")


def _line(row: AuditRow) -> bytes:
    return row.hash.hex().encode() + b" " + row.record.encode() + b"\n"


def _rows(file: int, begin: int, end: int, most: int) -> Iterator[tuple[AuditRow, int]]:
    """Rows, each with where it ends."""
    rest, at, count = b"", begin, 0
    while count < most and at + len(rest) < end:
        start = at + len(rest)
        more = os.pread(file, min(262_144, end - start), start)
        if not more:
            return
        rest += more
        while count < most and (newline := rest.find(b"\n")) >= 0:
            line, rest = rest[:newline], rest[newline + 1 :]
            at += newline + 1
            try:
                yield row_of(line[65:].decode(), bytes.fromhex(line[:64].decode())), at
            except ValueError:
                return  # torn by a power cut: nothing behind it was acknowledged
            count += 1


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.glob(f"*{SUFFIX}"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total
