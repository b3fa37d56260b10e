"""Starts a program that sees no network interface come or go: ``python without_netlink.py PROGRAM ARGUMENTS``.

Chromium gives up its connections, those to this machine too, whenever an interface does (net::ERR_NETWORK_CHANGED), and the pods
of the cluster that other tests run bring and take one each. Without the kernel's news of them it takes the network for steady.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
import sys
from pathlib import Path


def launcher(program: str, folder: Path) -> Path:
    """A script in ``folder`` that starts ``program`` so, for who wants a file. Not on Linux: the program itself."""
    if sys.platform != "linux":
        return Path(program)
    path = folder / Path(program).name
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).resolve()}" "{program}" "$@"\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def main() -> None:
    """Become the program."""
    from pyseccomp import ALLOW, EQ, ERRNO, Arg, SyscallFilter  # there on Linux alone

    rules = SyscallFilter(ALLOW)
    rules.add_rule(ERRNO(errno.EAFNOSUPPORT), "socket", Arg(0, EQ, socket.AF_NETLINK))
    rules.load()
    os.execv(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
