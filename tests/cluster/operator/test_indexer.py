"""What an indexer tells becomes status and pods. The indexer is played, since no pod runs here; the rest is real."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from kopf import ConnectionInfo

from tests.cluster.operator.api_proxy import Fault
from tests.cluster.operator.process import IMAGE
from tests.cluster.operator.stage import Stage
from wsi_operator.apis import Apis
from wsi_operator.events import Events
from wsi_operator.indexer_api import IndexerApi, IndexerSilent, IndexerStatus, LastScan
from wsi_operator.kube.client import KubeClient
from wsi_operator.kube.errors import ServerError
from wsi_operator.liveness import Liveness
from wsi_operator.metrics import Metrics
from wsi_operator.reconcile.reconciler import Reconciler
from wsi_operator.resources.kinds import KINDS
from wsi_operator.settings import OperatorSettings
from wsi_operator.work_queue import Key

SCAN = LastScan("2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z", None)


@dataclass
class PlayedIndexer(IndexerApi):
    """Answers as it is told to."""

    told: IndexerStatus | None = field(default_factory=lambda: IndexerStatus(True, {"indexed": 9}, 0, SCAN))
    reindexed: list[str] = field(default_factory=list)

    async def status(self, cluster_ip: str, token: str) -> IndexerStatus:
        assert len(token) > 30
        if self.told is None:
            raise IndexerSilent("The indexer's admin API doesn't answer")
        return self.told

    async def reindex(self, cluster_ip: str, token: str, request: str) -> None:
        self.reindexed.append(request)


@dataclass
class Play:
    """Looks when a test says so."""

    stage: Stage
    indexer: PlayedIndexer
    reconciler: Reconciler

    async def look(self) -> None:
        """As after a restart: nothing is remembered."""
        key = Key(self.stage.namespace, "x")
        self.reconciler.forget(key)
        await self.reconciler.look(key, 0)

    async def until_available(self) -> None:
        async def available() -> bool:
            await self.look()
            return (await self.stage.condition()).get("reason") == "Available"

        await self.stage.until(available)

    async def replicas(self) -> int:
        await self.look()
        deployment = await self.stage.get("Deployment", "x-indexer")
        assert deployment is not None
        return int(deployment["spec"]["replicas"])


@asynccontextmanager
async def playing(stage: Stage, client: KubeClient) -> AsyncIterator[Play]:
    indexer, metrics = PlayedIndexer(), Metrics()
    settings = OperatorSettings.of({"WSI_OPERATOR_IMAGE": IMAGE, "WSI_OPERATOR_NAMESPACES": stage.namespace})
    liveness = Liveness(time.monotonic, round_limit=60, lag_limit=60)
    apis = Apis(client, KINDS)
    await apis.refresh()
    yield Play(stage, indexer, Reconciler(settings, client, apis, liveness, metrics, indexer, Events(client, "test")))


@pytest.fixture
async def play(stage: Stage) -> AsyncIterator[Play]:
    """Through the proxy."""
    await stage.secrets()
    await stage.create(indexer={"concurrency": 4, "replicas": {"min": 1, "max": 3}})
    through = ConnectionInfo(server=f"http://127.0.0.1:{stage.proxy.port}")
    async with KubeClient(lambda: through) as client, playing(stage, client) as found:
        yield found


async def test_pods_come_with_the_backlog_and_go_when_it_is_done(play: Play) -> None:
    await play.until_available()
    told = play.indexer.told
    assert told is not None
    play.indexer.told = replace(told, backlog=401)
    assert await play.replicas() == 3
    condition = await play.stage.condition("IndexCurrent")
    assert (condition["status"], condition["reason"]) == ("False", "Indexing")
    play.indexer.told = replace(told, backlog=1)
    assert await play.replicas() == 3
    play.indexer.told = None
    assert await play.replicas() == 3
    assert (await play.stage.condition("IndexCurrent"))["status"] == "Unknown"
    body = await play.stage.get("WSIStreamer", "x")
    assert body is not None
    assert body["status"]["slides"] == {"indexed": 9, "failed": 0, "unsupported": 0, "backlog": 1}
    play.indexer.told = told
    assert await play.replicas() == 1
    assert (await play.stage.condition("IndexCurrent"))["reason"] == "Current"
    assert (await play.stage.condition("StorageReachable"))["status"] == "True"


async def test_a_database_that_is_down_is_told_and_changes_no_pods(play: Play) -> None:
    await play.until_available()
    before = await play.stage.get("Deployment", "x-tiles")
    play.indexer.told = IndexerStatus(False, {}, 0, None)
    await play.look()
    assert (await play.stage.condition("DatabaseReachable"))["reason"] == "DatabaseUnreachable"
    after = await play.stage.get("Deployment", "x-tiles")
    assert before is not None
    assert after is not None
    assert after["metadata"]["generation"] == before["metadata"]["generation"]


async def test_a_request_to_index_again_is_acted_on_once(play: Play) -> None:
    await play.until_available()
    assert play.indexer.reindexed == []
    await play.stage.change({"reindexRequest": "monday"})
    for _ in range(3):
        await play.look()
    assert len(play.indexer.reindexed) == 1
    body = await play.stage.get("WSIStreamer", "x")
    assert body is not None
    assert body["status"]["observedReindexRequest"] == "monday"
    await play.stage.change({"reindexRequest": "tuesday"})
    await play.look()
    await play.stage.change({"reindexRequest": None})
    await play.look()
    assert len(set(play.indexer.reindexed)) == 2


async def test_a_request_whose_record_could_not_be_written_is_made_again_by_the_same_name(play: Play) -> None:
    await play.until_available()
    await play.stage.change({"reindexRequest": "monday"})
    play.stage.proxy.faults = [Fault(lambda seen: seen.is_write and seen.path.endswith("/status"), 500)]
    with pytest.raises(ServerError):
        await play.look()
    await play.look()
    await play.look()
    first, second = play.indexer.reindexed
    assert first == second
