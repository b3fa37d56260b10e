"""All that takes minutes once: `tests.prepare` does it, so that no test waits for it."""

from __future__ import annotations

import os

from tests.cluster.machine.binaries import ALL, CLIENTS, CONTROL_PLANE, ensure_binaries, etcd_program
from tests.cluster.machine.images import ensure_images
from tests.cluster.machine.packages import ensure_packages, why_no_node


def ensure_cluster() -> str | None:
    """Packages, programs and images. Returns what keeps this machine from running a node; then only what the control plane
    needs is made.

    Raises:
        RuntimeError: something can't be had.
    """
    if os.environ.get("WSI_TEST_KUBECONFIG"):
        ensure_binaries(CLIENTS)
        return None  # another cluster is tested on, with images that its nodes pull
    reason = why_no_node()
    if reason is None:
        ensure_packages()
    etcd_program()
    ensure_binaries(ALL if reason is None else CONTROL_PLANE)
    if reason is None:
        ensure_images()
    return reason
