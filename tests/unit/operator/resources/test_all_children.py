"""What holds for the children of any resource that the API server would accept."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.operator.resources.pod_security import faults
from tests.unit.operator.samples import body_of, situation
from tests.unit.operator.strategies import specs
from wsi_operator.resources.children import desired, foundation, migration_job
from wsi_operator.resources.environment import VARIABLES
from wsi_operator.resources.kinds import KINDS
from wsi_operator.resources.labels import Component, labels, owner
from wsi_operator.resources.names import admin_secret_name
from wsi_operator.spec.streamer import WSIStreamer

Manifest = dict[str, Any]

_LABEL = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_NAMES = st.sampled_from(["slides", "a", "n" * 40])

each = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def _streamers(draw: st.DrawFn) -> WSIStreamer:
    return WSIStreamer.of(body_of(draw(specs()), draw(_NAMES)))


def _all(streamer: WSIStreamer) -> tuple[Manifest, ...]:
    now = situation()
    return (migration_job(streamer, now), *desired(streamer, now))


def _templates(manifests: tuple[Manifest, ...]) -> Iterator[Manifest]:
    for manifest in manifests:
        spec = manifest.get("spec", {})
        if manifest["kind"] == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        if "template" in spec:
            yield spec["template"]


def _one(manifests: tuple[Manifest, ...], kind: str, name: str) -> Manifest | None:
    found = [item for item in manifests if (item["kind"], item["metadata"]["name"]) == (kind, name)]
    assert len(found) <= 1
    return found[0] if found else None


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


@each
@given(_streamers())
def test_each_child_is_known_by_its_labels_and_goes_with_its_owner(streamer: WSIStreamer) -> None:
    kinds = {(kind.api_version, kind.kind) for kind in KINDS}
    seen = set()
    for manifest in _all(streamer):
        metadata = manifest["metadata"]
        assert (manifest["apiVersion"], manifest["kind"]) in kinds
        assert labels(streamer).items() <= metadata["labels"].items()
        assert metadata["ownerReferences"] == [owner(streamer)]
        assert metadata["namespace"] == streamer.namespace
        assert _LABEL.fullmatch(metadata["name"])
        seen.add((manifest["kind"], metadata["name"]))
    assert len(seen) == len(_all(streamer)), "no two children are the same object"


@each
@given(_streamers())
def test_the_same_spec_gives_the_same_bytes_which_json_can_say(streamer: WSIStreamer) -> None:
    made = _all(streamer)
    assert json.dumps(made) == json.dumps(_all(streamer))
    assert json.loads(json.dumps(made)) == list(made)


@each
@given(_streamers())
def test_nobody_who_changes_a_manifest_changes_the_next_one(streamer: WSIStreamer) -> None:
    made = _all(streamer)
    before = copy.deepcopy(made)
    _spoil(list(made))
    assert _all(streamer) == before


def _spoil(value: Any) -> None:
    if isinstance(value, dict):
        for item in value.values():
            _spoil(item)
        value["spoilt"] = True
    elif isinstance(value, list):
        for item in value:
            _spoil(item)
        value.append("spoilt")


@each
@given(_streamers())
def test_every_pod_passes_the_restricted_standard_and_can_write_nowhere_but_its_own_folders(
    streamer: WSIStreamer,
) -> None:
    for template in _templates(_all(streamer)):
        pod = template["spec"]
        assert faults(pod) == []
        assert "fsGroup" not in pod["securityContext"]
        assert "runAsUser" not in pod["securityContext"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False
        (container,) = pod["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        volumes = [volume["name"] for volume in pod["volumes"]]
        mounts = container["volumeMounts"]
        assert sorted(volumes) == sorted(mount["name"] for mount in mounts)
        assert len({mount["mountPath"] for mount in mounts}) == len(mounts)
        assert {mount["mountPath"] for mount in mounts if not mount.get("readOnly")} <= {"/tmp", "/data"}
        assert all(volume["emptyDir"].get("sizeLimit") for volume in pod["volumes"] if "emptyDir" in volume)


@each
@given(_streamers())
def test_environment_names_are_unique_and_secrets_are_keys_not_values(streamer: WSIStreamer) -> None:
    secret = {"WSI_DATABASE_URL", "WSI_DATABASE_OWNER_URL", "WSI_SIGNING_KEYS", "WSI_OIDC_CLIENT_SECRET", "WSI_ADMIN_TOKEN",
              "WSI_AUDITOR_TOKEN", "WSI_EVENTS_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}  # fmt: skip
    for template in _templates(_all(streamer)):
        for container in template["spec"]["containers"]:
            names = [entry["name"] for entry in container["env"]]
            assert len(names) == len(set(names))
            for entry in container["env"]:
                assert entry.get("value") != "", "the API server would leave it out"
                if entry["name"] in secret:
                    assert set(entry) == {"name", "valueFrom"}
                    assert "secretKeyRef" in entry["valueFrom"]
    assert not [manifest for manifest in desired(streamer, situation()) if manifest["kind"] == "Secret"]


@each
@given(_streamers())
def test_what_manifests_read_is_what_the_spec_references(streamer: WSIStreamer) -> None:
    named = {(found.kind, found.name) for found in streamer.references()}
    own = {("Secret", admin_secret_name(streamer.name)), ("ConfigMap", f"{streamer.name}-access")}
    read = {found for manifest in _all(streamer) for found in _references(manifest)}
    assert read - own == named
    pods = {found for template in _templates(_all(streamer)) for found in _references(template)}
    assert {(found.kind, found.name) for found in streamer.references() if found.awaited} <= pods


def _references(value: Any) -> Iterator[tuple[str, str]]:
    """Every Secret and ConfigMap that something names, wherever."""
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    if not isinstance(value, dict):
        return
    for name, item in value.items():
        if name in ("secretKeyRef", "externalCertificate"):
            yield "Secret", item["name"]
        elif name == "configMapKeyRef" or (name == "configMap" and isinstance(item, dict)):
            yield "ConfigMap", item["name"]
        elif name == "secretName":
            yield "Secret", item
        elif name == "imagePullSecrets":
            yield from (("Secret", pull["name"]) for pull in item)
        else:
            yield from _references(item)


@each
@given(_streamers())
def test_selectors_find_pods_and_services_find_ports(streamer: WSIStreamer) -> None:
    made = _all(streamer)
    pods = [(template["metadata"]["labels"], template["spec"]) for template in _templates(made)]
    for manifest in made:
        spec = manifest.get("spec", {})
        if manifest["kind"] == "Service":
            found = [pod for its, pod in pods if spec["selector"].items() <= its.items()]
            assert len(found) == 1
            ports = {port["name"] for port in found[0]["containers"][0]["ports"]}
            assert {port["targetPort"] for port in spec["ports"]} <= ports
        if manifest["kind"] in ("Deployment", "PodDisruptionBudget"):
            matching = [its for its, _ in pods if spec["selector"]["matchLabels"].items() <= its.items()]
            assert len(matching) == 1
        if manifest["kind"] == "Deployment":
            assert spec["selector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items()
        if manifest["kind"] == "NetworkPolicy":
            assert any(_matches(spec["podSelector"], its) for its, _ in pods)
    if streamer.spec.network_policy is not None:
        policies = [manifest["spec"] for manifest in made if manifest["kind"] == "NetworkPolicy"]
        assert all(any(_matches(policy["podSelector"], its) for policy in policies) for its, _ in pods)


def _matches(selector: Mapping[str, Any], its: Mapping[str, str]) -> bool:
    return selector.get("matchLabels", {}).items() <= its.items() and all(
        its.get(expression["key"]) in expression["values"] for expression in selector.get("matchExpressions", [])
    )


@each
@given(_streamers())
def test_replicas_are_the_autoscalers_where_there_is_one_and_none_while_suspended(streamer: WSIStreamer) -> None:
    made = _all(streamer)
    tiles = _one(made, "Deployment", f"{streamer.name}-tiles")
    indexer = _one(made, "Deployment", f"{streamer.name}-indexer")
    scaler = _one(made, "HorizontalPodAutoscaler", f"{streamer.name}-tiles")
    assert tiles is not None
    assert indexer is not None
    if streamer.spec.suspend:
        assert (tiles["spec"]["replicas"], indexer["spec"]["replicas"], scaler) == (0, 0, None)
    elif streamer.spec.tiles.autoscaling is None:
        assert (tiles["spec"]["replicas"], scaler) == (streamer.spec.tiles.replicas, None)
    else:
        assert "replicas" not in tiles["spec"]
        assert scaler is not None
        assert scaler["spec"]["scaleTargetRef"]["name"] == tiles["metadata"]["name"]
        assert scaler["spec"]["minReplicas"] <= scaler["spec"]["maxReplicas"]


@each
@given(_streamers())
def test_what_is_needed_by_others_comes_first(streamer: WSIStreamer) -> None:
    made = desired(streamer, situation())
    first = foundation(streamer, situation())
    assert made[: len(first)] == first
    kinds = [manifest["kind"] for manifest in made]
    assert kinds[0] == "ServiceAccount"
    deployment = kinds.index("Deployment")
    for earlier in ("NetworkPolicy", "ConfigMap", "Service"):
        assert all(position < deployment for position, kind in enumerate(kinds) if kind == earlier)


@each
@given(_streamers())
def test_there_is_one_way_in_at_most_and_the_admin_port_is_on_none(streamer: WSIStreamer) -> None:
    ways = {"Ingress": "Ingress", "HTTPRoute": "Gateway", "Route": "Route"}
    found = [manifest for manifest in _all(streamer) if manifest["kind"] in ways]
    assert [ways[manifest["kind"]] for manifest in found] == [
        way for way in [streamer.spec.exposure.way] if way != "None"
    ]
    for manifest in found:
        assert "slides.example.org" in set(_strings(manifest))
        assert "admin" not in set(_strings(manifest["spec"]))
        service = _one(_all(streamer), "Service", streamer.name)
        assert service is not None
        assert [port["targetPort"] for port in service["spec"]["ports"]] == ["http"]


@each
@given(_streamers())
def test_each_component_gets_what_it_reads_and_no_more(streamer: WSIStreamer) -> None:
    for template in _templates(_all(streamer)):
        component = Component(template["metadata"]["labels"]["app.kubernetes.io/component"])
        names = {entry["name"] for entry in template["spec"]["containers"][0]["env"]}
        own = {variable.name for variable in streamer.spec.extra_env}
        allowed = {variable.name for variable in VARIABLES if component in variable.components}
        assert names - own <= allowed
        is_job = component in (Component.MIGRATE, Component.AUDIT)
        assert ("WSI_DATABASE_OWNER_URL" in names) == (is_job and streamer.spec.database.owner_url is not None)
        assert ("WSI_ADMIN_TOKEN" in names) == (component is Component.INDEXER)
        assert not is_job or not names & {"AWS_SECRET_ACCESS_KEY", "WSI_SIGNING_KEYS"}
        assert "WSI_OIDC_CLIENT_SECRET" not in names or component is Component.TILES


@pytest.mark.parametrize("component", Component)
def test_no_variable_stands_in_the_table_twice(component: Component) -> None:
    names = [variable.name for variable in VARIABLES if component in variable.components]
    assert len(names) == len(set(names))
