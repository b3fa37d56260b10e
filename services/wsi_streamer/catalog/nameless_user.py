"""A name for a user who has none: a container's ``--user 12345``. initdb asks for it, though nothing depends on it."""

from __future__ import annotations

import contextlib
import os
import pwd
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

NAME = "wsi"


@contextlib.contextmanager
def named_user() -> Iterator[dict[str, str]]:
    """Variables with which a program finds a name for the user that we are; none where it has one.

    The library nss_wrapper answers for it, as in the official image of Postgres; ours has it beside the interpreter's packages.
    Without the library the program says itself what it misses.
    """
    library = nss_wrapper()
    if library is None or _has_name(os.geteuid()):
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="wsi-name-") as folder:
        users, groups = Path(folder) / "passwd", Path(folder) / "group"
        users.write_text(f"{NAME}:x:{os.geteuid()}:{os.getegid()}::/:/bin/false\n")
        groups.write_text(f"{NAME}:x:{os.getegid()}:\n")
        yield {"LD_PRELOAD": str(library), "NSS_WRAPPER_PASSWD": str(users), "NSS_WRAPPER_GROUP": str(groups)}


def nss_wrapper() -> Path | None:
    """The library: the image's, or the machine's."""
    beside = Path(sys.prefix) / "lib" / "libnss_wrapper.so"
    found = (
        path for pattern in ("lib*", "lib/*-linux-gnu") for path in Path("/usr").glob(f"{pattern}/libnss_wrapper.so")
    )
    return beside if beside.exists() else next(found, None)


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
