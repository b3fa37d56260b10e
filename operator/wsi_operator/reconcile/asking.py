"""Asking a resource's indexer."""

from __future__ import annotations

from logging import getLogger

from wsi_operator.indexer_api import IndexerApi, IndexerSilent
from wsi_operator.kube.client import KubeClient, Object
from wsi_operator.reconcile.children import Children
from wsi_operator.reconcile.memory import Told
from wsi_operator.reconcile.where import status_of
from wsi_operator.resources.labels import MANAGER
from wsi_operator.resources.names import indexer_name
from wsi_operator.spec.streamer import WSIStreamer

_log = getLogger(__name__)

_NAME_LENGTH = 256
"""Of a request, for the indexer."""

FRESH_SECONDS = 5.0
"""A roll-out is looked at every second; the indexer isn't asked as often."""


async def ask_indexer(
    api: IndexerApi, streamer: WSIStreamer, children: Children, token: str, last: Told, now: float
) -> Told:
    """What it tells, or why it doesn't; what it told a moment ago still counts."""
    if streamer.spec.suspend:
        return Told(silence="The resource is suspended.")
    deployment = children.ours("Deployment", indexer_name(streamer.name))
    if deployment is None or not (deployment.get("status") or {}).get("readyReplicas"):
        return Told(silence="No pod of the indexer is ready.")
    address = cluster_ip(streamer, children)
    if address is None or not token:
        return Told(silence="The indexer's Service has no address yet.")
    if last.asked_at is not None and now - last.asked_at < FRESH_SECONDS:
        return last
    try:
        return Told(await api.status(address, token), asked_at=now)
    except IndexerSilent as error:
        return Told(silence=f"{error}.", asked_at=now)


def cluster_ip(streamer: WSIStreamer, children: Children) -> str | None:
    """Of the indexer's Service."""
    service = children.ours("Service", indexer_name(streamer.name))
    address = ((service or {}).get("spec") or {}).get("clusterIP")
    return None if address in (None, "", "None") else str(address)


async def reindex_once(
    client: KubeClient, api: IndexerApi, streamer: WSIStreamer, body: Object, address: str, token: str
) -> Object:
    """Ask for all slides to be indexed again when ``reindexRequest`` has a value that wasn't acted on; the object as it is
    then.

    The value is written to the status right after the indexer has taken the job on. An operator that is killed between the
    two asks once more after its restart, by the same name, which the indexer knows: no request is lost, and none counts
    twice. The name holds uid and generation, so that a value may come back.

    Raises:
        ApiError: the status can't be written.
    """
    wanted = streamer.spec.reindex_request
    if not wanted or wanted == (body.get("status") or {}).get("observedReindexRequest"):
        return body
    try:
        await api.reindex(address, token, f"{streamer.uid} {streamer.generation} {wanted}"[:_NAME_LENGTH])
    except IndexerSilent as error:
        _log.warning(
            "not reindexed, tried again later",
            extra={"namespace": streamer.namespace, "resource": streamer.name, "error": str(error)},
        )
        return body
    at = status_of(streamer.namespace, streamer.name)
    told = {"metadata": {"uid": streamer.uid}, "status": {"observedReindexRequest": wanted}}
    return await client.merge_patch(at, told, manager=MANAGER)
