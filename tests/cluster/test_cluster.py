"""The cluster itself: that what other tests rely on is really there."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.samples import ensure_samples
from tests.support.cluster_parts import ClusterPostgres, ClusterS3, Images
from tests.support.kubectl import Cluster, CommandError
from tests.support.s3server import Bucket

STRICT_POD = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
STRICT = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
pytestmark = pytest.mark.timeout(300)  # the first test of all waits for the cluster and its images
SLIDE = "synthetic-jpeg2000.svs"


async def test_pod_security_refuses_what_is_not_restricted(namespace: Cluster) -> None:
    spec = {"containers": [{"name": "a", "image": "a"}]}
    with pytest.raises(CommandError, match="violates PodSecurity"):
        await namespace.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec})


async def test_an_account_may_do_what_its_role_says_and_no_more(namespace: Cluster) -> None:
    await namespace.kubectl("create", "serviceaccount", "reader")
    await namespace.kubectl("create", "role", "reader", "--verb=get", "--resource=configmaps")
    account = f"--serviceaccount={namespace.namespace}:reader"
    await namespace.kubectl("create", "rolebinding", "reader", "--role=reader", account)
    user = f"--as=system:serviceaccount:{namespace.namespace}:reader"
    await namespace.kubectl("get", "configmap", "kube-root-ca.crt", user)
    with pytest.raises(CommandError, match="Forbidden"):
        await namespace.kubectl("get", "secrets", user)


async def test_writes_are_on_record_by_user(namespace: Cluster) -> None:
    await namespace.kubectl("create", "configmap", "noted", "--from-literal=a=secret-of-the-test")
    writes = [
        event
        for event in namespace.audited()
        if event["verb"] == "create" and event["objectRef"].get("namespace") == namespace.namespace
    ]
    assert ("admin", "noted") in [(event["user"]["username"], event["objectRef"].get("name")) for event in writes]
    assert not [event for event in writes if "requestObject" in event]


async def test_slides_are_served_by_pods(
    namespace: Cluster,
    images: Images,
    cluster_s3: ClusterS3,
    cluster_bucket: Bucket,
    cluster_database: ClusterPostgres,
) -> None:
    """Images, DNS, Services, the S3 server and the Postgres of the tests, together and without the operator."""
    cluster_bucket.put(SLIDE, ensure_samples() / SLIDE)
    env = cluster_bucket.server.env | {
        "WSI_S3_BUCKET": cluster_bucket.name,
        "WSI_S3_ENDPOINT": cluster_s3.endpoint,
        "WSI_DATABASE_URL": cluster_database.url,
    }
    await namespace.apply(*_service(images.services_next, env))
    await namespace.wait("--for=condition=Available", "deployment/slides", seconds=90)
    ask = f"""
import time, urllib.request
for _ in range(200):
    try:
        tile = urllib.request.urlopen("http://slides/tiles/{SLIDE}/0/4/4.jpg?quality=80", timeout=20)
        break
    except OSError:  # the Service leads nowhere yet, or the slide is not indexed yet
        time.sleep(0.2)
print(tile.headers["content-type"], tile.read(2).hex())
"""
    said = await namespace.kubectl("exec", "deployment/slides", "--", "python", "-c", ask)
    assert said == "image/jpeg ffd8\n"
    if namespace.layout is not None:  # the tests of this machine reach Services by themselves
        address = (await namespace.get("service", "slides"))["spec"]["clusterIP"]
        async with httpx.AsyncClient(timeout=20) as client:
            assert (await client.get(f"http://{address}/health")).status_code == 200
    release = await namespace.kubectl("exec", "deployment/slides", "--", "printenv", "WSI_TEST_RELEASE")
    assert release == "next\n"


def _service(image: str, env: dict[str, str]) -> list[dict[str, Any]]:
    container = {
        "name": "slides",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "env": [{"name": name, "value": value} for name, value in env.items()],
        "readinessProbe": {"httpGet": {"path": "/health", "port": 3000}, "periodSeconds": 1},
        "securityContext": STRICT,
        "volumeMounts": [{"name": name, "mountPath": f"/{name}"} for name in ("tmp", "data")],
    }
    pod = {
        "automountServiceAccountToken": False,
        "containers": [container],
        "securityContext": STRICT_POD,
        "volumes": [{"name": name, "emptyDir": {}} for name in ("tmp", "data")],
    }
    labels = {"app": "slides"}
    template = {"metadata": {"labels": labels}, "spec": pod}
    metadata = {"name": "slides"}
    deployment = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    service = {"selector": labels, "ports": [{"port": 80, "targetPort": 3000}]}
    return [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": deployment},
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": service},
    ]
