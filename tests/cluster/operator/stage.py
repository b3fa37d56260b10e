"""A namespace with all that a test of the operator needs."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.cluster.operator.api_proxy import ApiProxy
from tests.cluster.operator.kubelet import NOWHERE, Kubelet
from tests.cluster.operator.process import OperatorProcess
from wsi_operator.kube.address import Address
from wsi_operator.kube.client import KubeClient
from wsi_operator.kube.errors import NotFound
from wsi_operator.resources.kinds import KINDS

T = TypeVar("T")

API_VERSION = "wsistreamer.io/v1alpha1"
PLURALS = {kind.kind: (kind.api_version, kind.plural) for kind in KINDS} | {
    "WSIStreamer": (API_VERSION, "wsistreamers")
}

SPEC: dict[str, Any] = {
    "storage": {
        "bucket": "slides",
        "endpoint": "https://s3.example.org",
        "credentialsSecretRef": {"name": "s3"},
    },
    "database": {"urlSecretRef": {"name": "postgres"}},
    "access": {"mode": "open"},
    "nodeSelector": NOWHERE,
}
SECRETS = {
    "s3": {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "never-in-a-log"},
    "postgres": {"uri": "postgresql://u:never-in-a-log@h/d"},
}


@dataclass(slots=True)
class Stage:
    """Requests of ``client`` don't pass the proxy; those of the operator do."""

    client: KubeClient
    namespace: str
    proxy: ApiProxy
    kubelet: Kubelet
    operator: OperatorProcess
    created: list[str] = field(default_factory=list)

    def at(self, kind: str, name: str | None = None, subresource: str | None = None) -> Address:
        """Where an object of this namespace is."""
        api_version, plural = PLURALS[kind]
        return Address(api_version, plural, self.namespace, name, subresource)

    async def secret(self, name: str, values: Mapping[str, str]) -> None:
        """Create or replace one."""
        data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data}
        await self.client.apply(self.at("Secret", name), body, manager="test", force=True)

    async def secrets(self) -> None:
        """Those that the spec names."""
        for name, values in SECRETS.items():
            await self.secret(name, values)

    async def create(self, name: str = "x", **spec: Any) -> dict[str, Any]:
        """A resource; ``spec`` beside what each needs."""
        body = {"apiVersion": API_VERSION, "kind": "WSIStreamer", "metadata": {"name": name}, "spec": {**SPEC, **spec}}
        return await self.client.create(self.at("WSIStreamer"), body, manager="test")

    async def change(self, spec: Mapping[str, Any], name: str = "x") -> dict[str, Any]:
        """Merge into the spec."""
        return await self.client.merge_patch(self.at("WSIStreamer", name), {"spec": spec}, manager="test")

    async def get(self, kind: str, name: str) -> dict[str, Any] | None:
        """None when it isn't there."""
        try:
            return await self.client.get(self.at(kind, name))
        except NotFound:
            return None

    async def condition(self, type: str = "Ready", name: str = "x") -> dict[str, Any]:  # noqa: A002
        """One condition of a resource; empty when it has none yet."""
        body = await self.get("WSIStreamer", name) or {}
        conditions = (body.get("status") or {}).get("conditions") or ()
        return next((c for c in conditions if c["type"] == type), {})

    async def until(self, check: Callable[[], Awaitable[T]], seconds: float = 30) -> T:
        """The first answer that counts as true.

        Raises:
            AssertionError: there is none in time; with the operator's last lines.
        """
        deadline = time.monotonic() + seconds
        while True:
            found = await check()
            if found:
                return found
            if time.monotonic() > deadline:
                log = self.operator.log_file.read_text().splitlines()[-12:] if self.operator.log_file.exists() else []
                ready = await self.condition()
                raise AssertionError(f"not within {seconds} s; Ready: {ready}\n" + "\n".join(log))
            await asyncio.sleep(0.2)

    async def until_reason(self, reason: str, type: str = "Ready", seconds: float = 30) -> dict[str, Any]:  # noqa: A002
        """Until a condition of this type has this reason."""

        async def check() -> dict[str, Any] | None:
            found = await self.condition(type)
            return found if found.get("reason") == reason else None

        return await self.until(check, seconds)  # type: ignore[return-value]

    async def children(self, name: str = "x") -> dict[tuple[str, str], dict[str, Any]]:
        """All that is owned by a resource, of every kind that the cluster serves."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for kind in KINDS:
            try:
                bodies = await self.client.list(Address(kind.api_version, kind.plural, self.namespace))
            except NotFound:
                continue
            for body in bodies:
                owners = body["metadata"].get("ownerReferences") or ()
                if any(owner["kind"] == "WSIStreamer" and owner["name"] == name for owner in owners):
                    found[kind.kind, body["metadata"]["name"]] = body
        return found

    async def events(self, name: str = "x") -> list[dict[str, Any]]:
        """Those that tell of a resource."""
        events = await self.client.list(Address("events.k8s.io/v1", "events", self.namespace))
        return [e for e in events if e["regarding"].get("kind") == "WSIStreamer" and e["regarding"].get("name") == name]
