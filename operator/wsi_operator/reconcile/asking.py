"""Asking a resource's indexer."""

from __future__ import annotations

from logging import getLogger

from wsi_operator.indexer_api import IndexerApi, IndexerSilent, IndexerStatus
from wsi_operator.kube.client import KubeClient, Object
from wsi_operator.reconcile.children import Children
from wsi_operator.reconcile.where import status_of
from wsi_operator.resources.labels import MANAGER
from wsi_operator.resources.names import indexer_name
from wsi_operator.spec.streamer import WSIStreamer

_log = getLogger(__name__)


async def ask_indexer(
    api: IndexerApi, streamer: WSIStreamer, children: Children, token: str
) -> tuple[IndexerStatus | None, str]:
    """What it tells; or None, and why it doesn't."""
    if streamer.spec.suspend:
        return None, "The resource is suspended."
    name = indexer_name(streamer.name)
    deployment = children.ours("Deployment", name)
    if deployment is None or not (deployment.get("status") or {}).get("readyReplicas"):
        return None, "No pod of the indexer is ready."
    address = cluster_ip(streamer, children)
    if address is None or not token:
        return None, "The indexer's Service has no address yet."
    try:
        return await api.status(address, token), ""
    except IndexerSilent as error:
        return None, f"{error}."


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

    The value is written to the status right after the indexer has taken the job on, before anything else. An operator that
    is killed between the two asks once more after its restart: a job too many looks at slides that have just been indexed,
    a job too few would be a request that is lost.

    Raises:
        ApiError: the status can't be written.
    """
    wanted = streamer.spec.reindex_request
    if not wanted or wanted == (body.get("status") or {}).get("observedReindexRequest"):
        return body
    try:
        await api.reindex(address, token)
    except IndexerSilent as error:
        _log.warning(
            "not reindexed, tried again later",
            extra={"namespace": streamer.namespace, "resource": streamer.name, "error": str(error)},
        )
        return body
    at = status_of(streamer.namespace, streamer.name)
    return await client.merge_patch(at, {"status": {"observedReindexRequest": wanted}}, manager=MANAGER)
