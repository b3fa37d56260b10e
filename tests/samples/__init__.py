"""Slides that nobody has to download: a painted section of colon, written as scanners write theirs.

Law of this package: the same bytes from the same `SAMPLES_VERSION` (all chance is seeded), nothing from the network, at most
two processes. Tests and the demo keep what it writes in a folder named after the version.
"""

from __future__ import annotations

from tests.samples.folder import SAMPLES_VERSION, ensure_samples

__all__ = ["SAMPLES_VERSION", "ensure_samples"]
