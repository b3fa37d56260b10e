"""The cluster, the names and the services of the story."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import httpx

from tests.cluster.story.eventually import eventually
from tests.support.cluster_parts import Images
from tests.support.kubectl import Cluster
from tests.support.s3server import Bucket
from wsi_streamer.access.signatures import sign

REPO = Path(__file__).resolve().parents[3]
NAME = "pathology"


@dataclass(slots=True)
class Story:
    """What the steps share."""

    operator: Cluster
    """Within the operator's namespace."""

    slides: Cluster
    """Within the namespace of the resource."""

    images: Images
    bucket: Bucket
    keys: list[str]
    """Of the slides."""

    endpoint: str
    """Of the object store, as pods see it."""

    database_url: str
    owner_url: str
    local_database_url: str
    """The owner's, for this process."""

    second_database_url: str
    signing_key: str = field(default_factory=lambda: secrets.token_hex(32))
    stuck_at: str = ""
    token: str = ""
    """Of a grant to all slides."""

    def values(self) -> list[str]:
        """What the operator's chart is given."""
        (operator, operator_tag), (services, tag) = (_split(self.images.operator), _split(self.images.services))
        values = {
            "image.repository": operator,
            "image.tag": operator_tag,
            "servicesImage.repository": services,
            "servicesImage.tag": tag,
            "watch.namespaces[0]": self.slides.namespace,
        }
        return [word for name, value in values.items() for word in ("--set", f"{name}={value}")]

    def chart(self, name: str) -> str:
        """Its folder."""
        return str(REPO / "charts" / name)

    async def secret(self, name: str, **data: str) -> None:
        """Make or change a Secret."""
        await self.slides.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data})

    def resource(self) -> dict[str, Any]:
        """What the team writes into wsistreamer.yaml."""
        small = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "1Gi"}}
        return {
            "apiVersion": "wsistreamer.io/v1alpha1",
            "kind": "WSIStreamer",
            "metadata": {"name": NAME},
            "spec": {
                "storage": {
                    "bucket": self.bucket.name,
                    "endpoint": self.endpoint,
                    "allowInsecure": True,
                    "credentialsSecretRef": {"name": "s3"},
                },
                "database": {"urlSecretRef": {"name": "database"}, "ownerUrlSecretRef": {"name": "database-owner"}},
                "access": {"mode": "signed", "signingKeysSecretRef": {"name": "keys"}},
                "indexer": {"intervalSeconds": 0, "resources": small},
                "tiles": {"replicas": 1, "resources": small, "terminationGraceSeconds": 30},
            },
        }

    async def patch(self, spec: Mapping[str, Any]) -> None:
        """``kubectl patch`` of the resource's spec."""
        await self.slides.kubectl("patch", "wsi", NAME, "--type=merge", "-p", json.dumps({"spec": spec}))

    async def status(self) -> dict[str, Any]:
        """The resource's, empty while there is none."""
        found: dict[str, Any] = (await self.slides.get("wsi", NAME)).get("status", {})
        return found

    async def condition(self, kind: str) -> dict[str, Any]:
        """One of the resource's, empty while there is none."""
        conditions = (await self.status()).get("conditions", [])
        return next((found for found in conditions if found["type"] == kind), {})

    async def ready(self, seconds: float = 180) -> dict[str, Any]:
        """Wait until the newest spec is rolled out; the status then."""

        async def look() -> dict[str, Any] | None:
            found = await self.slides.get("wsi", NAME)
            status = found.get("status", {})
            conditions = {c["type"]: c for c in status.get("conditions", [])}
            is_ready = conditions.get("Ready", {}).get("status") == "True"
            current = status.get("observedGeneration") == found["metadata"]["generation"]
            if is_ready and current:
                return dict(status)
            raise AssertionError(json.dumps(conditions.get("Ready", status)))

        try:
            found = await eventually(look, "the resource is ready", seconds=seconds)
            # The node's own rules for Services follow a moment later.
            await eventually(self._answers, "the Services answer", seconds=20)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{await self.slides.situation()}") from None
        return found

    async def _answers(self) -> bool:
        for service in (NAME, f"{NAME}-indexer"):
            try:
                async with httpx.AsyncClient(base_url=await self.address(service), trust_env=False) as client:
                    await client.get("/health")
            except httpx.TransportError:
                return False
        return True

    async def pods(self, component: str = "tiles") -> list[dict[str, Any]]:
        """Of a component, those that aren't going."""
        found = await self.slides.list(
            "pods", "-l", f"app.kubernetes.io/instance={NAME},app.kubernetes.io/component={component}"
        )
        return [pod for pod in found if not pod["metadata"].get("deletionTimestamp")]

    async def serving(self) -> list[str]:
        """The names of tile pods that are ready."""

        def is_ready(pod: dict[str, Any]) -> bool:
            return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))

        return [pod["metadata"]["name"] for pod in await self.pods() if is_ready(pod)]

    async def address(self, service: str) -> str:
        """A Service's address, which this machine reaches too."""
        found = await self.slides.get("service", service)
        port = found["spec"]["ports"][0]["port"]
        return f"http://{found['spec']['clusterIP']}:{port}"

    async def url(self) -> str:
        """Where viewers ask."""
        return await self.address(NAME)

    async def grant(self) -> None:
        """A right to all slides, from the admin API with the token that the operator made."""
        secret = await self.slides.get("secret", f"{NAME}-admin")
        token = base64.b64decode(secret["data"]["admin-token"]).decode()
        body = {"prefix": "", "expires_in": 3600, "permissions": ["metadata"]}
        async with httpx.AsyncClient(base_url=await self.address(f"{NAME}-indexer"), trust_env=False) as admin:
            answer = await admin.post("/grants", json=body, headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 201, answer.text
        self.token = answer.json()["token"]

    @property
    def headers(self) -> dict[str, str]:
        """Who shows the grant."""
        return {"authorization": f"Bearer {self.token}"}

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Of the viewers' address, with the grant unless other headers are given."""
        async with httpx.AsyncClient(base_url=await self.url(), trust_env=False, timeout=20) as client:
            return await client.get(path, headers=headers or self.headers)

    async def get_from(self, url: str, path: str) -> httpx.Response:
        """Of another address."""
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as client:
            return await client.get(path, headers=self.headers)

    def signed(self, path: str, key: str) -> str:
        """A signed link, as WSIStreamer's scripts make them."""
        exp = int(time.time()) + 600
        return f"{path}?exp={exp}&sig={sign(key.encode(), path, {}, exp)}"

    async def tiles_asked(self, pod: str) -> float:
        """How many tiles a worker was asked for, by its own count."""
        async with httpx.AsyncClient(base_url=f"http://{pod}:3001", trust_env=False) as client:
            metrics = (await client.get("/metrics")).text
        lines = [line for line in metrics.splitlines() if line.startswith("wsi_http_requests_total{")]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if 'route="tile"' in line)

    async def reindex_jobs(self) -> int:
        """How many were ever asked for."""
        connection = await asyncpg.connect(self.local_database_url)
        try:
            return int(await connection.fetchval("SELECT count(*) FROM jobs WHERE kind = 'reindex'"))
        finally:
            await connection.close()

    async def tile_paths(self) -> list[str]:
        """Of all tiles of the finest level of all slides."""
        listed = (await self.get("/slides?limit=1000")).json()["slides"]
        paths = []
        for slide in listed:
            metadata = (await self.get(f"/slides/{quote(slide, safe='')}")).json()
            level = metadata["levels"][0]
            paths += [
                f"/tiles/{metadata['id']}/0/{x}/{y}.jpg"
                for x in range(level["tiles_x"])
                for y in range(level["tiles_y"])
            ]
        return paths

    async def told(self) -> str:
        """What the cluster says, for whoever reads of a failure."""
        asked = (
            (self.operator, ("logs", "deployment/wsi-operator-wsi-streamer-operator", "--tail=40")),
            (self.slides, ("get", "wsi,pods,jobs", "-o", "wide")),
            (self.slides, ("get", "wsi", "-o", "jsonpath={.items[*].status}")),
            (self.slides, ("get", "events", "--sort-by=.lastTimestamp")),
        )
        said = []
        for cluster, words in asked:
            try:
                said.append(await cluster.kubectl(*words))
            except AssertionError as error:
                said.append(str(error))
        return "\n".join(said)

    async def inventory(self, cluster: Cluster) -> set[str]:
        """Everything in a namespace but events and what Kubernetes itself puts into each."""
        kinds = (await cluster.kubectl("api-resources", "--verbs=list", "--namespaced", "-o", "name")).split()
        asked = ",".join(sorted({kind for kind in kinds if not kind.startswith(("events", "pods.metrics"))}))
        listed = (await cluster.kubectl("get", asked, "-o", "name", "--ignore-not-found")).split()
        return set(listed) - {"configmap/kube-root-ca.crt", "serviceaccount/default"}

    async def emptied(self, cluster: Cluster, kept: set[str], seconds: float = 180) -> None:
        """Wait until nothing but ``kept`` is in the namespace."""

        async def look() -> bool:
            rest = await self.inventory(cluster) - kept
            assert not rest, rest
            return True

        await eventually(look, "nothing is left", seconds=seconds, pause=1.0)


def _split(image: str) -> tuple[str, str]:
    name, _, tag = image.rpartition(":")
    return name, tag


async def gone(story: Story, names: set[str], seconds: float = 180) -> None:
    """Wait until none of these tile pods is left."""

    async def look() -> bool:
        return not names & {pod["metadata"]["name"] for pod in await story.pods()}

    await eventually(look, "the old pods are gone", seconds=seconds)
