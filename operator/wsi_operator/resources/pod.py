"""What all pods have in common: they pass Pod Security's "restricted" and OpenShift's restricted-v2 as they are."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from wsi_operator.resources.environment import environment
from wsi_operator.resources.labels import Component, labels
from wsi_operator.resources.names import access_config_map_name, short_hash
from wsi_operator.resources.rules import rules_text
from wsi_operator.resources.situation import Situation
from wsi_operator.resources.volumes import volumes
from wsi_operator.spec.requirements import Requirements
from wsi_operator.spec.streamer import WSIStreamer

SECRETS_ANNOTATION = "wsistreamer.io/secrets"
"""Hash of the versions of what a pod reads, never of what is in it: pods roll when a Secret changes."""

RULES_ANNOTATION = "wsistreamer.io/rules"
COMMAND = "wsi-streamer"


def pod_template(
    streamer: WSIStreamer,
    situation: Situation,
    component: Component,
    args: list[str],
    resources: Requirements,
    *,
    container: Mapping[str, Any] | None = None,
    **pod: Any,
) -> dict[str, Any]:
    """A pod template; ``container`` and ``pod`` hold what only this component has."""
    spec = streamer.spec
    mounted = volumes(streamer, component)
    pod_spec: dict[str, Any] = {
        "serviceAccountName": streamer.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,  # a Service named "wsi" would set WSI_PORT
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": str(component),
                "image": image(streamer, situation),
                "imagePullPolicy": "IfNotPresent" if spec.image is None else spec.image.pull_policy,
                "command": [COMMAND],
                "args": args,
                "env": environment(streamer, component),
                "resources": requirements(resources),
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                    "readOnlyRootFilesystem": True,
                },
                "terminationMessagePolicy": "FallbackToLogsOnError",  # why it ended stands in the pod's status
                "volumeMounts": [mount for _, mount in mounted],
                **(container or {}),
            }
        ],
        "volumes": [volume for volume, _ in mounted],
        **scheduling(streamer),
        **pod,
    }
    if spec.image is not None and spec.image.pull_secrets:
        pod_spec["imagePullSecrets"] = [{"name": name} for name in spec.image.pull_secrets]
    return {
        "metadata": {
            "labels": labels(streamer, component),
            "annotations": {**spec.scheduling.pod_annotations, **_annotations(streamer, situation, pod_spec)},
        },
        "spec": pod_spec,
    }


def image(streamer: WSIStreamer, situation: Situation) -> str:
    """What the pods of a resource run."""
    asked, default = streamer.spec.image, situation.default_image
    return default if asked is None else asked.name(default)


def requirements(resources: Requirements) -> dict[str, Any]:
    """As a container has them."""
    found = {"requests": dict(resources.requests), "limits": dict(resources.limits)}
    return {name: quantities for name, quantities in found.items() if quantities}


def scheduling(streamer: WSIStreamer) -> dict[str, Any]:
    """Where the user lets pods run."""
    asked = streamer.spec.scheduling
    found = {
        "nodeSelector": dict(asked.node_selector),
        "tolerations": copy.deepcopy(list(asked.tolerations)),
        "affinity": copy.deepcopy(dict(asked.affinity)),
        "priorityClassName": asked.priority_class,
    }
    return {name: value for name, value in found.items() if value}


def read_by(pod_spec: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Kind and name of each Secret and ConfigMap that a pod reads, sorted."""
    return tuple(sorted(set(_read_by(pod_spec))))


def _read_by(pod_spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for container in pod_spec["containers"]:
        for entry in container["env"]:
            source = entry.get("valueFrom", {})
            if "secretKeyRef" in source:
                yield "Secret", source["secretKeyRef"]["name"]
            if "configMapKeyRef" in source:
                yield "ConfigMap", source["configMapKeyRef"]["name"]
    for volume in pod_spec["volumes"]:
        if "secret" in volume:
            yield "Secret", volume["secret"]["secretName"]
        if "configMap" in volume:
            yield "ConfigMap", volume["configMap"]["name"]


def _annotations(streamer: WSIStreamer, situation: Situation, pod_spec: Mapping[str, Any]) -> dict[str, str]:
    # Our own ConfigMap counts by what is in it: its version isn't known before it is written.
    own = ("ConfigMap", access_config_map_name(streamer.name))
    read = read_by(pod_spec)
    versions = [[*found, situation.versions.get(found, "")] for found in read if found != own]
    found = {SECRETS_ANNOTATION: short_hash(versions)}
    return found | {RULES_ANNOTATION: short_hash(rules_text(streamer))} if own in read else found
