"""Helm, to render and check the charts."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.needs import missing
from tests.support.tools import cache_dir

KUBE_VERSION = "1.34.0"
"""What charts are rendered for where no cluster is asked."""


def cluster_program(name: str) -> str:
    """kubectl or helm: the machine's own, else what was built for the cluster of the tests. Skips where there is neither."""
    found = shutil.which(name) or next(map(str, sorted(cache_dir().glob(f"kubernetes-*/bin/{name}"))), None)
    return found or missing(f"{name} on the PATH")


@dataclass(frozen=True, slots=True)
class Rendered:
    """What Helm made of a chart."""

    succeeded: bool
    text: str
    """The manifests; what was wrong, where it did not succeed."""

    def manifests(self) -> list[dict[str, Any]]:
        """Parsed."""
        assert self.succeeded, self.text
        return [item for item in yaml.safe_load_all(self.text) if item]

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """Those of a kind."""
        return [item for item in self.manifests() if item["kind"] == kind]

    def images(self) -> set[str]:
        """All images that a cluster would have to pull: those of pods, and the one that the operator hands out."""
        found = set()
        for manifest in self.manifests():
            for container in containers_of(manifest):
                found.add(container["image"])
                found |= {e["value"] for e in container.get("env", ()) if e["name"] == "WSI_OPERATOR_IMAGE"}
        return found


def pod_spec_of(manifest: dict[str, Any]) -> dict[str, Any] | None:
    """Of a Pod or a Deployment; None for what has no pods."""
    if manifest["kind"] == "Pod":
        return dict(manifest["spec"])
    template = manifest.get("spec", {}).get("template") if manifest["kind"] in ("Deployment", "Job") else None
    return None if template is None else dict(template["spec"])


def containers_of(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """All containers of its pods."""
    spec = pod_spec_of(manifest) or {}
    return [*spec.get("initContainers", ()), *spec.get("containers", ())]


async def helm(*arguments: str) -> Rendered:
    """Run Helm."""
    process = await asyncio.create_subprocess_exec(
        cluster_program("helm"), *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    succeeded = process.returncode == 0
    return Rendered(succeeded, out.decode() if succeeded else out.decode() + err.decode())


async def template(
    chart: Path,
    *sets: str,
    values: Iterable[Path] = (),
    release: str = "slides",
    namespace: str = "default",
) -> Rendered:
    """A chart's manifests. ``sets`` are values as ``a.b=c``."""
    words = [word for item in sets for word in ("--set", item)]
    words += [word for path in values for word in ("-f", str(path))]
    return await helm("template", release, str(chart), "-n", namespace, "--kube-version", KUBE_VERSION, *words)
