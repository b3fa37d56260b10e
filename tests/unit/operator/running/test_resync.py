"""The round over all namespaces, one of which is lost."""

from __future__ import annotations

import asyncio
from typing import Any

from wsi_operator.kube.address import Address
from wsi_operator.kube.errors import Forbidden
from wsi_operator.liveness import Liveness
from wsi_operator.resync import Resync
from wsi_operator.work_queue import Key, WorkQueue


class Cluster:
    """Lists one resource in each namespace that we have rights in."""

    def __init__(self, *rights: str) -> None:
        self.rights = set(rights)

    async def list(self, address: Address, labels: str = "") -> tuple[dict[str, Any], ...]:
        if address.namespace not in self.rights:
            raise Forbidden("no rights", status=403)
        return ({"metadata": {"namespace": address.namespace, "name": "x"}},)


async def a_round(cluster: Cluster, liveness: Liveness) -> tuple[int, list[tuple[str, ...]], list[Key], bool]:
    queue, reached, gone = WorkQueue(), [], []

    async def before() -> None:
        pass

    resync = Resync(
        cluster,  # type: ignore[arg-type]
        queue,
        liveness,
        namespaces=("a", "b"),
        seconds=60,
        before=before,
        reached=reached.append,
        gone=gone.append,
    )
    rounds = liveness.rounds
    task = asyncio.create_task(resync.run())
    async with asyncio.timeout(5):
        for _ in range(1000):
            if liveness.rounds > rounds:
                break
            await asyncio.sleep(0)
    task.cancel()
    return len(queue), reached, gone, resync.succeeded.is_set()


async def test_a_namespace_that_is_gone_does_not_hold_the_others_up() -> None:
    liveness = Liveness(lambda: 0.0, round_limit=60, lag_limit=60)
    assert await a_round(Cluster("a", "b"), liveness) == (2, [("a", "b")], [], True)
    liveness.saw(Key("a", "x"), {"u": "1"})
    assert await a_round(Cluster("b"), liveness) == (1, [("b",)], [Key("a", "x")], True)


async def test_no_namespace_at_all_is_no_success_and_never_all_of_them() -> None:
    liveness = Liveness(lambda: 0.0, round_limit=60, lag_limit=60)
    assert await a_round(Cluster(), liveness) == (0, [], [], False)
