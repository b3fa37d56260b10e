"""What a hospital has before the story begins."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Iterator

from tests.cluster.story.story import Story
from tests.samples import ensure_samples
from tests.support.cluster_parts import ClusterPostgres, ClusterS3, Images
from tests.support.kubectl import Cluster

RESTRICTED = {
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/warn": "restricted",
}


@contextlib.contextmanager
def begun(cluster: Cluster, images: Images, s3: ClusterS3, postgres: ClusterPostgres) -> Iterator[Story]:
    """Two namespaces where Pod Security "restricted" is enforced, slides in a bucket, databases with two users. The namespaces
    go at the end, whatever failed."""
    name = f"story-{secrets.token_hex(3)}"
    found = asyncio.run(_begin(cluster, images, s3, postgres, name))
    try:
        yield found
    finally:
        asyncio.run(_end(found))


async def _begin(cluster: Cluster, images: Images, s3: ClusterS3, postgres: ClusterPostgres, name: str) -> Story:
    for namespace in (f"{name}-operator", name):
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": RESTRICTED}}
        await cluster.apply(manifest)
    bucket = s3.new_bucket()
    # Folders as hospitals have them, with a patient's name in one.
    samples = sorted(path for path in ensure_samples().iterdir() if path.suffix in {".svs", ".tif"})
    keys = [f"2026/Doe, Jane #{number}/{path.name}" for number, path in enumerate(samples)]
    for key, path in zip(keys, samples, strict=True):
        bucket.put(key, path)
    database = await postgres.new_database()
    owner, services = await database.new_user(owns=True), await database.new_user()
    second = await postgres.new_database()
    return Story(
        operator=cluster.within(f"{name}-operator"),
        slides=cluster.within(name),
        images=images,
        bucket=bucket,
        keys=keys,
        endpoint=s3.endpoint,
        database_url=services.url,
        owner_url=owner.url,
        local_database_url=owner.local_url,
        second_database_url=second.url,
    )


async def _end(story: Story) -> None:
    for cluster in (story.slides, story.operator):
        await cluster.kubectl("delete", "namespace", cluster.namespace or "", "--wait=false", "--ignore-not-found")
