"""The steps of one look at a resource whose spec is understood."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from wsi_operator.apis import Apis
from wsi_operator.indexer_api import IndexerApi
from wsi_operator.kube.client import KubeClient, Object
from wsi_operator.kube.errors import Refused
from wsi_operator.metrics import Metrics
from wsi_operator.reconcile.admin_secret import NameTaken, ensure_admin_secret, token_of
from wsi_operator.reconcile.asking import ask_indexer, cluster_ip, reindex_once
from wsi_operator.reconcile.children import Children
from wsi_operator.reconcile.gate import JOB, migrate, migrating_pods, pods_of, serving_pods
from wsi_operator.reconcile.indexer_scale import indexer_replicas
from wsi_operator.reconcile.memory import Memory, Told
from wsi_operator.reconcile.pods import failing_pods, last_exit
from wsi_operator.reconcile.references import read_references
from wsi_operator.reconcile.scaling import scaling_of
from wsi_operator.reconcile.wording import by_fields, tells_of_wrong_url
from wsi_operator.resources.children import desired, migration_job
from wsi_operator.resources.labels import OPERATOR_PODS, Component
from wsi_operator.resources.names import admin_secret_name, indexer_name, tiles_name
from wsi_operator.resources.situation import Situation
from wsi_operator.settings import OperatorSettings
from wsi_operator.spec.streamer import WSIStreamer
from wsi_operator.status.observation import Migration, MigrationState, Observation, Trouble
from wsi_operator.status.workload import Workload

_GATED = frozenset({"Deployment", "HorizontalPodAutoscaler", "CronJob"})
"""Kinds that wait for the database."""

_AGAIN_SECONDS = 5.0

_NEEDED_BY_PODS = frozenset({"ServiceAccount", "ConfigMap", "NetworkPolicy"})
"""Kinds without which no pod is begun; those that run stay."""

_WAYS_IN = frozenset({"Ingress", "HTTPRoute", "Route"})
"""Kinds that go as soon as they aren't wanted; others may still be needed by the pods that run."""


class Visit:
    """First ``pay`` it, then ask for its ``observation``."""

    def __init__(
        self,
        settings: OperatorSettings,
        client: KubeClient,
        apis: Apis,
        metrics: Metrics,
        indexer: IndexerApi,
        streamer: WSIStreamer,
        memory: Memory,
    ) -> None:
        self._settings = settings
        self._client = client
        self._indexer = indexer
        self._memory = memory
        self._streamer = streamer
        self.children = Children(client, apis, metrics, streamer, memory)
        self._trouble: Trouble | None = None
        self._migration = Migration(MigrationState.NONE)
        self._told = Told()
        self._image = ""
        self._job = ""

    async def pay(self, body: Object) -> Object:
        """Do what there is to do (``children`` have been read); the resource as it is then.

        Raises:
            ApiError: the API server can't be worked with now.
        """
        streamer = self._streamer
        references = await read_references(self._client, streamer)
        if references.missing and not streamer.spec.suspend:
            self._trouble = Trouble("SecretMissing", " ".join(references.missing))
        try:
            secret = await ensure_admin_secret(self._client, streamer)
        except NameTaken as error:
            self._trouble = self._trouble or Trouble("NameTaken", str(error))
            return body
        except Refused as error:
            name = admin_secret_name(streamer.name)
            self._trouble = self._trouble or Trouble("ApiRefused", f"The Secret '{name}' was refused: {error.message}")
            return body
        token = token_of(secret)
        self._told = self._memory.told = await ask_indexer(
            self._indexer, streamer, self.children, token, self._memory.told, time.monotonic()
        )
        own = {("Secret", admin_secret_name(streamer.name)): str(secret["metadata"]["resourceVersion"])}
        await self._roll_out(
            self._situation({**references.versions, **own}), (body.get("status") or {}).get("migration")
        )
        if self._trouble is not None:
            return body
        address = cluster_ip(streamer, self.children)
        if self._told.status is None or not self._told.status.database or address is None:
            return body
        return await reindex_once(self._client, self._indexer, streamer, body, address, token)

    def _situation(self, versions: dict[tuple[str, str], str]) -> Situation:
        return Situation(
            default_image=self._settings.image,
            operator_namespace=self._settings.namespace,
            operator_pod_labels=OPERATOR_PODS,
            versions=versions,
            indexer_replicas=self._indexers(),
        )

    def _indexers(self) -> int:
        indexer, told = self._streamer.spec.indexer, self._told.status
        live = self.children.ours("Deployment", indexer_name(self._streamer.name))
        return indexer_replicas(
            None if told is None or not told.database else told.backlog,
            None if live is None else (live.get("spec") or {}).get("replicas"),
            concurrency=indexer.concurrency,
            least=indexer.min_replicas,
            most=indexer.max_replicas,
        )

    @property
    def again(self) -> float | None:
        """Seconds until what no watch tells is asked for again: Secrets that are missing, an indexer that should answer."""
        missing = self._trouble is not None and self._trouble.reason == "SecretMissing"
        silent = self._told.status is None and self._told.asked_at is not None
        return _AGAIN_SECONDS if missing or silent else None

    async def _roll_out(self, situation: Situation, migrated: str | None) -> None:
        manifests = desired(self._streamer, situation)
        job = migration_job(self._streamer, situation)
        self._image = _image_of(job)
        self._job = str(job["metadata"]["name"])
        wanted = {(str(m["kind"]), str(m["metadata"]["name"])) for m in manifests}
        await self.children.apply(manifest for manifest in manifests if manifest["kind"] not in _GATED)
        await self.children.prune(wanted, kinds=_WAYS_IN)
        if self._trouble is not None:
            return  # a Secret is missing: policies and ways in are seen to, pods stay as they are
        if self.children.lacking & _NEEDED_BY_PODS and not self._streamer.spec.suspend:
            return  # pods without their policies, or under somebody else's account, are worse than none
        if self._streamer.spec.suspend:
            # No pods, so nothing needs the database; what was migrated stays on record.
            wanted |= {child for child in self.children.live if child[0] == JOB}
        else:
            self._migration = await migrate(self._client, self._streamer, self.children, job, migrated)
            if self._migration.state is not MigrationState.DONE:
                return
        await self.children.apply(manifest for manifest in manifests if manifest["kind"] in _GATED)
        await self.children.prune(wanted | {(JOB, job["metadata"]["name"])})

    async def observation(self, body: Object) -> Observation:
        """What the status is made of.

        Raises:
            ApiError: the pods can't be listed.
        """
        streamer = self._streamer
        seen = Observation(
            generation=streamer.generation,
            suspended=streamer.spec.suspend,
            trouble=self._trouble,
            refusals=tuple(self.children.refusals),
            migration=self._migration,
            tiles=self._workload(tiles_name(streamer.name)),
            indexer=self._workload(indexer_name(streamer.name)),
            failing=(),
            exit_code=None,
            scaling=scaling_of(
                streamer, body, self.children.ours("HorizontalPodAutoscaler", tiles_name(streamer.name))
            ),
            catalog=self._told.status,
            silence=self._told.silence,
            url=streamer.spec.exposure.url() or f"http://{streamer.name}.{streamer.namespace}.svc",
            image=self._image,
            job=self._job,
            reindexed=(body.get("status") or {}).get("observedReindexRequest"),
        )
        pods = await self._pods_in_question(seen)
        ended = last_exit(pods, (Component.INDEXER, Component.MIGRATE))
        said, database = "" if ended is None else ended.words, streamer.spec.database
        return replace(
            seen,
            migration=replace(seen.migration, message=by_fields(seen.migration.message, database)),
            failing=tuple(by_fields(sentence, database) for sentence in failing_pods(pods)),
            exit_code=None if ended is None else ended.code,
            last_words=by_fields(said, database),
            wrong_url=tells_of_wrong_url(said),
        )

    def _workload(self, name: str) -> Workload | None:
        deployment = self.children.ours("Deployment", name)
        return None if deployment is None else Workload.of(deployment)

    async def _pods_in_question(self, seen: Observation) -> tuple[Object, ...]:
        """They are only asked for when there is a question."""
        if seen.suspended or seen.trouble is not None:
            return ()
        if seen.migration.state in (MigrationState.RUNNING, MigrationState.FAILED):
            return await pods_of(self._client, self._streamer, migrating_pods(self._job))
        short = [w for w in (seen.tiles, seen.indexer) if w is not None and (not w.serves() or w.ready < w.wanted)]
        if seen.migration.state is MigrationState.DONE and short:
            return await pods_of(self._client, self._streamer, serving_pods())
        return ()


def _image_of(job: dict[str, Any]) -> str:
    return str(job["spec"]["template"]["spec"]["containers"][0]["image"])
