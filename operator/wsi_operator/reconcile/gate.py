"""Holding a roll-out back until the database is ready for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from wsi_operator.kube.address import Address
from wsi_operator.kube.client import KubeClient, Object
from wsi_operator.kube.errors import Forbidden
from wsi_operator.reconcile.children import Children
from wsi_operator.reconcile.migration import blocked, due_again, failed, never_had_a_pod, outcome_of, refusal_of
from wsi_operator.resources.labels import COMPONENT, INSTANCE, Component, child_selector
from wsi_operator.spec.streamer import WSIStreamer
from wsi_operator.status.observation import Migration, MigrationState

JOB = "Job"


async def migrate(
    client: KubeClient, streamer: WSIStreamer, children: Children, job: Mapping[str, Any], migrated: str | None
) -> Migration:
    """Make the Job unless it is there, and tell how it is doing. A Job that failed is deleted after some minutes; the next
    look makes it anew. One that ended well (``migrated`` names it) isn't missed: clusters have rules that delete such Jobs.

    Raises:
        ApiError: the API server can't be worked with now.
    """
    name = str(job["metadata"]["name"])
    live = children.ours(JOB, name)
    if live is None and name == migrated:
        return Migration(MigrationState.DONE)
    if live is None:
        if children.made_lately((JOB, name)):
            children.leaving = True
        else:
            await children.apply([job])
        return Migration(MigrationState.RUNNING)
    if live["metadata"].get("deletionTimestamp"):
        children.leaving = True
        return Migration(MigrationState.RUNNING)
    outcome = outcome_of(live)
    if outcome.state is MigrationState.RUNNING and never_had_a_pod(live):
        cause = await _refusal(client, live)
        return blocked(name, cause) if cause else Migration(MigrationState.RUNNING)
    if outcome.state is not MigrationState.FAILED:
        return Migration(outcome.state)
    if due_again(outcome, datetime.now(UTC)):
        await children.delete((JOB, name), live)
        children.leaving = True
        return Migration(MigrationState.RUNNING)
    pods = await pods_of(client, streamer, migrating_pods(name))
    return failed(live, pods, "" if pods else await _refusal(client, live))


async def _refusal(client: KubeClient, job: Object) -> str:
    """Why a Job gets no pod; empty where that isn't known.

    Only an Event tells it: the Job controller writes no condition, as a ReplicaSet has.
    """
    metadata = job["metadata"]
    of_it = f"involvedObject.uid={metadata['uid']},reason=FailedCreate"
    try:
        events = await client.list(Address("v1", "events", metadata["namespace"]), fields=of_it)
    except Forbidden:  # a Role of somebody else's, made for an older release
        return ""
    return refusal_of(events, str(metadata["name"]))


async def pods_of(client: KubeClient, streamer: WSIStreamer, more: str = "") -> tuple[Object, ...]:
    """The pods of a resource.

    Raises:
        ApiError: they can't be listed.
    """
    selector = f"{child_selector()},{INSTANCE}={streamer.name}" + (f",{more}" if more else "")
    return await client.list(Address("v1", "pods", streamer.namespace), selector)


def serving_pods() -> str:
    """A selector of those that should run now."""
    return f"{COMPONENT} in ({Component.TILES},{Component.INDEXER})"


def migrating_pods(job: str) -> str:
    """A selector of those of a migration."""
    return f"job-name={job}"
