"""Every action that is recorded has a meaning in FHIR's and DICOM's terms."""

from __future__ import annotations

import re
from pathlib import Path

from wsi_streamer.access.audit import fhir

ROOT = Path(__file__).parents[3] / "services" / "wsi_streamer"
_RECORDED = re.compile(
    r"""(?:\.act|\.record|\.record_poll|deps\.recorded)\(\s*(?:request,\s*)?f?"([a-z{}_-]+)"|_AUDIT_READ = "([a-z-]+)\""""
)


def recorded() -> set[str]:
    """The names in the source."""
    found = set()
    for path in ROOT.rglob("*.py"):
        found |= {match[1] or match[2] for match in _RECORDED.finditer(path.read_text())}
    return found


def test_the_search_finds_them() -> None:
    assert {
        "grant-create",
        "grant-revoke",
        "download",
        "reindex",
        "status",
        "audit-read",
        "list",
        "sign-in",
    } <= recorded()


def test_each_has_codes_of_its_own() -> None:
    names = {label for name in recorded() for label in ([name] if "{" not in name else ["label-view", "macro-view"])}
    assert names - set(fhir._CODES) == set()
