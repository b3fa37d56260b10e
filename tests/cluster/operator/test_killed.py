"""The operator is killed after its first write, after its second, and so on: it always gets to the same children."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import kopf
import pytest

from tests.cluster.operator.conftest import namespace_of_its_own
from tests.cluster.operator.kubelet import kubelet
from tests.cluster.operator.process import OperatorProcess
from tests.cluster.operator.stage import Stage
from wsi_operator.reconcile.ownership import applied_fields


@contextlib.asynccontextmanager
async def another(stage: Stage) -> AsyncIterator[Stage]:
    """The same stage in another namespace."""
    async with namespace_of_its_own(stage.client) as namespace, kubelet(stage.client, namespace) as pods:
        operator = OperatorProcess(stage.operator.kubeconfig, namespace, stage.operator.folder)
        yield Stage(stage.client, namespace, stage.proxy, pods, operator)


async def outcome(stage: Stage) -> dict[tuple[str, str], Any]:
    """Children, and which of their fields the operator has applied: the same for the same resource, but for uids and the
    versions of Secrets, which the Job's name is made of."""
    body = await stage.get("WSIStreamer", "x")
    assert body is not None
    found: dict[tuple[str, str], Any] = {}
    for (kind, name), child in (await stage.children()).items():
        name = "x-migrate" if kind == "Job" else name
        assert (kind, name) not in found, "more than one migration"
        found[kind, name] = str(applied_fields(child)).replace(body["metadata"]["uid"], "uid")
    return found


@pytest.mark.timeout(300)
async def test_killed_after_each_write(stage: Stage, credentials: kopf.ConnectionInfo) -> None:
    await stage.secrets()
    await stage.create()
    await stage.operator.start()
    await stage.until_reason("Available")
    assert await stage.operator.stop() == 0
    wanted = await outcome(stage)
    steps = len(stage.proxy.writes())
    assert steps > 15
    async with contextlib.AsyncExitStack() as stack:
        rooms = [await stack.enter_async_context(another(stage)) for _ in range(steps)]
        tokens: dict[str, Any] = {}
        for step, room in enumerate(rooms, start=1):
            await room.secrets()
            await room.create()
            begun = len(stage.proxy.writes())

            async def kill(_: int, room: Stage = room, last: int = begun + step) -> None:
                if len(stage.proxy.writes()) >= last:
                    await room.operator.kill()

            stage.proxy.after_write = kill
            await room.operator.start()

            async def killed_or_done(room: Stage = room) -> bool:
                return not room.operator.running or (await room.condition()).get("reason") == "Available"

            await room.until(killed_or_done, 40)
            await room.operator.kill()
            tokens[room.namespace] = (await room.get("Secret", "x-admin") or {}).get("data")
        stage.proxy.after_write = None
        last = stage.operator
        last.environment = {"WSI_OPERATOR_NAMESPACES": ",".join(room.namespace for room in rooms)}
        await last.start()
        for room in rooms:
            await room.until_reason("Available", seconds=60)
        for step, room in enumerate(rooms, start=1):
            assert await outcome(room) == wanted, f"killed after write {step}"
            secret = await room.get("Secret", "x-admin")
            assert secret is not None
            assert secret["data"] == (tokens[room.namespace] or secret["data"])
        assert not [line for line in last.log() if line["level"] == "error"]
