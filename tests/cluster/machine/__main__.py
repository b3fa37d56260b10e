"""``python -m tests.cluster.machine build|up|down|load|build-image|kubeconfig``."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from tests.cluster.machine import machine
from tests.cluster.machine.binaries import ALL, CONTROL_PLANE, ensure_binaries
from tests.cluster.machine.images import build, ensure_base_image
from tests.cluster.machine.places import run_folder
from tests.cluster.machine.prepare import ensure_cluster
from tests.cluster.machine.session import KEPT, in_use, locked


def main() -> int:
    """One command."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.cluster.machine", description="A real Kubernetes of one node."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build", help="make all that is missing: packages, programs, images (minutes, once)")
    start = commands.add_parser("up", help="start a fresh cluster and keep it until `down`")
    start.add_argument("--control-plane", action="store_true", help="no node: API server and controllers, without root")
    commands.add_parser("down", help="end it; nothing is left")
    loading = commands.add_parser("load", help="give the node images of `podman save`")
    loading.add_argument("archive", type=Path, nargs="+")
    building = commands.add_parser("build-image", help="build an image from a Dockerfile of this project")
    building.add_argument("tag")
    building.add_argument("dockerfile", type=Path)
    building.add_argument("build_args", nargs="*", metavar="NAME=VALUE")
    commands.add_parser("kubeconfig", help="print the path of the admin's kubeconfig")
    asked = parser.parse_args()
    try:
        return _run(asked)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1


def _run(asked: argparse.Namespace) -> int:
    if asked.command == "build":
        if (reason := ensure_cluster()) is not None:
            print(f"missing: {reason}. The control plane can be started: up --control-plane", file=sys.stderr)
    elif asked.command == "up":
        return _up(node=not asked.control_plane)
    elif asked.command == "down":
        machine.down()
    elif asked.command == "load":
        layout = machine.running()
        if layout is None:
            raise RuntimeError("no cluster is up")
        for archive in asked.archive:
            machine.load(layout, archive)
    elif asked.command == "build-image":
        arguments = [word for given in asked.build_args for word in ("--build-arg", given)]
        build(asked.tag, asked.dockerfile.resolve(), "--build-arg", f"BASE_IMAGE={ensure_base_image()}", *arguments)
    else:
        print(run_folder() / "kubeconfig")
    return 0


def _up(*, node: bool) -> int:
    if node and os.geteuid() != 0:
        raise RuntimeError("A node needs root (containers, a network of its own). Without: up --control-plane")
    began = time.monotonic()
    ensure_binaries(ALL if node else CONTROL_PLANE)
    with locked("kubernetes"):
        if in_use():
            raise RuntimeError("A test run uses the cluster: wait for its end.")
        layout = machine.up(node=node)
        (layout.run / KEPT).touch()
    print(f"up after {time.monotonic() - began:.0f} s: export KUBECONFIG={layout.kubeconfig} PATH={layout.bin}:$PATH")
    return 0


if __name__ == "__main__":
    sys.exit(main())
