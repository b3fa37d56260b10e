from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

OPERATOR = Path(__file__).parents[4] / "operator"


def started(**environment: str) -> subprocess.CompletedProcess[str]:
    base = {"PATH": os.environ["PATH"], "PYTHONPATH": str(OPERATOR), "HOME": "/nonexistent"}
    return subprocess.run(
        [sys.executable, "-m", "wsi_operator"], env={**base, **environment}, capture_output=True, text=True, timeout=30
    )


def test_a_setting_that_is_missing_is_named() -> None:
    ended = started()
    assert ended.returncode == 2
    assert ended.stderr == ("WSI_OPERATOR_IMAGE must name the services' image, as in registry/wsi-streamer:1.0\n")


def test_without_credentials_it_says_what_to_set() -> None:
    ended = started(WSI_OPERATOR_IMAGE="i")
    assert ended.returncode == 2
    assert "KUBECONFIG" in ended.stderr
    assert "Traceback" not in ended.stderr
