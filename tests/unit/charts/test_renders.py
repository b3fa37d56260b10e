"""What the charts render."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.chart_files import INSTANCE, OPERATOR
from tests.support.crd import crd
from tests.support.helm import Rendered, containers_of, pod_spec_of, template
from tests.support.streamers import FULL

GIVEN = ("storage.bucket=b", "database.urlSecretRef.name=db", "access.mode=open")
TESTED = ("test.image=registry.example.org/wsi-streamer:1",)
DIGEST = "sha256:" + "0a" * 32

WRONG: dict[str, tuple[Path, str, str]] = {
    "a misspelt switch": (OPERATOR, "crds.keeep=true", "keeep"),
    "a misspelt section": (OPERATOR, "watches.clusterWide=true", "watches"),
    "a misspelt registry": (OPERATOR, "global.imageRegsitry=r.example.org", "imageRegsitry"),
    "a registry in small letters": (OPERATOR, "global.imageregistry=r.example.org", "imageregistry"),
    "a misspelt registry of a service": (INSTANCE, "global.imageRegsitry=r.example.org", "imageRegsitry"),
    "a pull secret for many": (INSTANCE, "global.imagePullSecret=a", "imagePullSecret"),
    "a namespace with a capital": (OPERATOR, "watch.namespaces={Slides}", "watch/namespaces/0"),
    "two namespaces in one": (OPERATOR, r"watch.namespaces={a\,b}", "watch/namespaces/0"),
    "a namespace too long": (OPERATOR, f"watch.namespaces={{{'n' * 64}}}", "watch/namespaces/0"),
    "a text for a switch": (OPERATOR, "watch.clusterWide=maybe", "watch/clusterWide"),
    "an unknown log level": (OPERATOR, "logLevel=loud", "logLevel"),
    "half a digest": (OPERATOR, "image.digest=sha256:12", "image/digest"),
    "a tag in the repository": (OPERATOR, "image.repository=operator:1", "image/repository"),
    "both scopes": (OPERATOR, "watch.clusterWide=true,watch.namespaces={a}", "remove watch.namespaces"),
    "a monitor without a Service": (
        OPERATOR,
        "metrics.serviceMonitor.enabled=true,metrics.service.enabled=false",
        "set metrics.service.enabled=true",
    ),
    "an account without a name": (OPERATOR, "serviceAccount.create=false", "name the ServiceAccount that there is"),
    "a misspelt field": (INSTANCE, "storage.buckets=b", "buckets"),
    "a misspelt inner field": (INSTANCE, "tiles.autoscaling.maximum=3", "maximum"),
    "an unknown mode": (INSTANCE, "access.mode=public", "access/mode"),
    "too many replicas": (INSTANCE, "tiles.replicas=1001", "tiles/replicas"),
    "no bucket": (INSTANCE, "storage.bucket=", "Say in storage.bucket where the slides are"),
    "no database": (INSTANCE, "database.urlSecretRef.name=", "Say in database.urlSecretRef.name which Secret"),
    "no mode": (INSTANCE, "access=null", "Say in access.mode who may see slides: open"),
    "a digest of no image": (INSTANCE, f"image.digest={DIGEST}", "Say in image.repository where the image with this"),
    "a tag of no image": (INSTANCE, "image.tag=v2", "Say in image.repository where the image with this"),
    "a name too long": (INSTANCE, f"fullnameOverride={'s' * 41}", "longer than 40 characters"),
}


async def rendered(chart: Path, *sets: str, **options: Any) -> Rendered:
    """With what the instance chart must be given."""
    return await template(chart, *(GIVEN if chart == INSTANCE else ()), *sets, **options)


@pytest.mark.parametrize(
    ("chart", "value", "kind"),
    [
        (OPERATOR, "commonLabels", "Deployment"),
        (OPERATOR, "podLabels", "Deployment"),
        (INSTANCE, "labels", "WSIStreamer"),
    ],
)
async def test_labels_that_a_chart_sets_are_its_own(chart: Path, value: str, kind: str) -> None:
    """Given once more they would stand twice in one manifest, or take the operator's pod from its Deployment."""
    (manifest,) = (await rendered(chart, f"{value}.team=pathology")).of_kind(kind)
    labels = (
        manifest["spec"]["template"]["metadata"]["labels"] if value == "podLabels" else manifest["metadata"]["labels"]
    )
    assert labels.pop("team") == "pathology"
    for name in labels:
        found = await rendered(chart, f"{value}.{name.replace('.', chr(92) + '.')}=other")
        assert not found.succeeded, name
        assert f"/{value}/{name.replace('/', '~1')}" in found.text


@pytest.mark.parametrize("chart", [OPERATOR, INSTANCE], ids=lambda chart: chart.name)
async def test_a_parent_chart_has_globals_of_its_own(chart: Path) -> None:
    found = await rendered(
        chart, "global.storageClass=fast", "global.postgresql.image=p", "global.imageRegistry=r.test"
    )
    assert found.succeeded, found.text


@pytest.mark.parametrize("case", WRONG)
async def test_wrong_values_are_refused(case: str) -> None:
    chart, wrong, sentence = WRONG[case]
    found = await rendered(chart, wrong)
    assert not found.succeeded
    assert sentence in found.text


async def test_the_image_list_is_what_clusters_pull() -> None:
    listed = set((OPERATOR / "images.txt").read_text().split())
    assert (await rendered(OPERATOR)).images() | (await rendered(INSTANCE)).images() == listed

    mirror = "mirror.example.org:5000/pathology"
    mirrored = {f"{mirror}/{image}" for image in listed}
    air_gapped = Path("examples/air-gapped.yaml")
    found = (await template(OPERATOR, values=[OPERATOR / air_gapped])).images()
    found |= (await template(INSTANCE, values=[INSTANCE / air_gapped])).images()
    assert found == mirrored


async def test_registry_digest_and_pull_secrets_reach_every_image() -> None:
    sets = ["global.imageRegistry=r.example.org:5000/", f"image.digest={DIGEST}", "image.pullSecrets={a,b}"]
    sets += ["global.imagePullSecrets={b,c}"]
    operator = await rendered(OPERATOR, *sets, f"servicesImage.digest={DIGEST}", "servicesImage.tag=v2")
    assert operator.images() == {
        f"r.example.org:5000/wsi-streamer-operator@{DIGEST}",
        f"r.example.org:5000/wsi-streamer:v2@{DIGEST}",
    }
    instance = await rendered(INSTANCE, *sets)
    assert instance.images() == {f"r.example.org:5000/wsi-streamer@{DIGEST}"}
    (streamer,) = instance.of_kind("WSIStreamer")
    assert streamer["spec"]["image"]["repository"] == "r.example.org:5000/wsi-streamer"
    assert streamer["spec"]["image"]["digest"] == DIGEST
    for pods in (*operator.of_kind("Deployment"), *instance.of_kind("Pod")):
        spec = pod_spec_of(pods)
        assert spec is not None
        assert {item["name"] for item in spec["imagePullSecrets"]} == {"a", "b", "c"}


async def test_without_a_word_on_images_the_operator_chooses() -> None:
    (streamer,) = (await rendered(INSTANCE)).of_kind("WSIStreamer")
    assert set(streamer["spec"]) == {"storage", "database", "access"}


@pytest.mark.parametrize(
    ("given", "image"),
    [
        ("global.imagePullSecrets={a}", {"pullSecrets": ["a"]}),
        ("image.pullSecrets={a}", {"pullSecrets": ["a"]}),
        ("image.pullPolicy=Always", {"pullPolicy": "Always"}),
        ("image.repository=,image.tag=,image.digest=", None),
    ],
)
async def test_how_to_pull_chooses_no_image(given: str, image: dict[str, Any] | None) -> None:
    """What has no registry would be the internet's."""
    found = await rendered(INSTANCE, given)
    (streamer,) = found.of_kind("WSIStreamer")
    assert streamer["spec"].get("image") == image
    assert not found.of_kind("Pod")

    (pod,) = (await rendered(INSTANCE, *TESTED, given)).of_kind("Pod")
    assert pod["spec"].get("imagePullSecrets", []) == [{"name": name} for name in (image or {}).get("pullSecrets", ())]


@pytest.mark.parametrize("chart", [OPERATOR, INSTANCE], ids=lambda chart: chart.name)
async def test_pods_are_restricted_and_any_user_will_do(chart: Path) -> None:
    found = await rendered(chart, *TESTED if chart == INSTANCE else ())
    assert "runAsUser" not in found.text.replace((OPERATOR / "files" / "crd.yaml").read_text(), "")
    assert "fsGroup" not in found.text
    pods = [manifest for manifest in found.manifests() if pod_spec_of(manifest)]
    assert pods
    for manifest in pods:
        spec = pod_spec_of(manifest)
        assert spec is not None
        assert spec["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
        for container in containers_of(manifest):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
            }
            assert container["resources"]["requests"]["cpu"]
            assert container["resources"]["limits"]["memory"]


def rules_of(found: Rendered) -> list[dict[str, Any]]:
    """Of all roles."""
    roles = found.of_kind("Role") + found.of_kind("ClusterRole")
    return [rule for role in roles for rule in role["rules"]]


@pytest.mark.parametrize("wide", ["true", "false"])
async def test_the_operator_may_no_more_than_it_needs(wide: str) -> None:
    found = await rendered(OPERATOR, f"watch.clusterWide={wide}", "rbac.aggregateRoles=false")
    rules = rules_of(found)
    for rule in rules:
        assert "*" not in (*rule["apiGroups"], *rule["resources"], *rule["verbs"])
    verbs = {
        (group, name): set(rule["verbs"]) for rule in rules for group in rule["apiGroups"] for name in rule["resources"]
    }
    assert verbs["", "secrets"] == {"get", "create", "patch"}
    assert verbs["wsistreamer.io", "wsistreamers"] == {"get", "list", "watch"}
    assert verbs["wsistreamer.io", "wsistreamers/status"] == {"patch"}
    assert verbs["", "pods"] == {"get", "list"}
    # One Event for each transition, in a group of its own, and none is changed or counted up; those of Jobs are read.
    assert verbs["", "events"] == {"list"}
    assert verbs["events.k8s.io", "events"] == {"create"}
    assert not {name for _, name in verbs} & {
        "roles",
        "rolebindings",
        "pods/exec",
        "nodes",
        "namespaces",
        "persistentvolumes",
    }
    assert bool(found.of_kind("ClusterRole")) is (wide == "true")


async def test_each_namespace_has_its_role() -> None:
    found = await rendered(OPERATOR, "watch.namespaces={a,b}", "rbac.aggregateRoles=false", namespace="ops")
    assert [role["metadata"]["namespace"] for role in found.of_kind("Role")] == ["a", "b"]
    assert not found.of_kind("ClusterRole")
    for binding in found.of_kind("RoleBinding"):
        assert binding["subjects"] == [
            {"kind": "ServiceAccount", "name": "slides-wsi-streamer-operator", "namespace": "ops"}
        ]
    assert environment(found)["WSI_OPERATOR_NAMESPACES"] == "a,b"

    alone = await rendered(OPERATOR, namespace="ops")
    assert environment(alone)["WSI_OPERATOR_NAMESPACES"] == "ops"
    assert environment(await rendered(OPERATOR, "watch.clusterWide=true"))["WSI_OPERATOR_NAMESPACES"] == ""


def environment(found: Rendered) -> dict[str, str]:
    """Of the operator."""
    (deployment,) = found.of_kind("Deployment")
    (container,) = containers_of(deployment)
    return {item["name"]: item["value"] for item in container["env"]}


async def test_there_is_one_operator_at_a_time() -> None:
    (deployment,) = (await rendered(OPERATOR)).of_kind("Deployment")
    assert deployment["spec"]["replicas"] == 1
    assert deployment["spec"]["strategy"] == {"type": "Recreate"}
    (container,) = containers_of(deployment)
    assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "metrics"}
    assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "metrics"}
    assert container["ports"][0]["containerPort"] == 8080


async def test_the_definition_is_kept_as_it_is_in_the_file() -> None:
    (kept,) = (await rendered(OPERATOR)).of_kind("CustomResourceDefinition")
    assert kept["metadata"].pop("annotations") == {"helm.sh/resource-policy": "keep"}
    assert kept == crd()
    (free,) = (await rendered(OPERATOR, "crds.keep=false")).of_kind("CustomResourceDefinition")
    assert free == crd()
    assert not (await rendered(OPERATOR, "crds.enabled=false")).of_kind("CustomResourceDefinition")


async def test_values_reach_the_resource_as_they_are() -> None:
    sets = ["tiles.replicas=0", "access.maxTtlSeconds=7776000", "suspend=true", "exposure.host=slides.example.org"]
    found = await rendered(INSTANCE, *sets, 'reindexRequest="1"', "tolerations[0].key=a", "podAnnotations.a=b")
    (streamer,) = found.of_kind("WSIStreamer")
    assert streamer["spec"] == {
        "suspend": True,
        "storage": {"bucket": "b"},
        "database": {"urlSecretRef": {"name": "db"}},
        "tiles": {"replicas": 0},
        "access": {"mode": "open", "maxTtlSeconds": 7776000},
        "exposure": {"host": "slides.example.org"},
        "reindexRequest": '"1"',
        "tolerations": [{"key": "a"}],
        "podAnnotations": {"a": "b"},
    }
    assert not found.of_kind("Pod"), "a suspended service streams no tile"


async def test_every_field_of_the_resource_can_be_given(tmp_path: Path) -> None:
    values = tmp_path / "values.json"
    values.write_text(json.dumps(FULL))
    (streamer,) = (await template(INSTANCE, values=[values])).of_kind("WSIStreamer")
    assert streamer["spec"] == FULL


@pytest.mark.parametrize(
    ("given", "image"),
    [
        ((), None),  # the operator's default, which Helm can't know: a guess would be pulled from the internet
        (("global.imageRegistry=r.test/wsi",), "r.test/wsi/wsi-streamer:0.1.0"),
        (("image.repository=r.test/wsi", "image.tag=v2"), "r.test/wsi:v2"),
        ((*TESTED, "image.repository=r.test/wsi", "image.tag=v2"), "registry.example.org/wsi-streamer:1"),
    ],
)
async def test_a_test_uses_an_image_that_somebody_named(given: tuple[str, ...], image: str | None) -> None:
    pods = (await rendered(INSTANCE, *given)).of_kind("Pod")
    assert [containers_of(pod)[0]["image"] for pod in pods] == ([] if image is None else [image])


async def test_only_limited_access_needs_the_admin_token() -> None:
    (pod,) = (await rendered(INSTANCE, *TESTED)).of_kind("Pod")
    assert "ADMIN_TOKEN" not in {item["name"] for item in containers_of(pod)[0]["env"]}
    signed = ("access.mode=signed", "access.signingKeysSecretRef.name=k")
    (pod,) = (await rendered(INSTANCE, *TESTED, *signed)).of_kind("Pod")
    (token,) = [item for item in containers_of(pod)[0]["env"] if item["name"] == "ADMIN_TOKEN"]
    assert token["valueFrom"] == {"secretKeyRef": {"name": "slides-admin", "key": "admin-token"}}
    assert pod["metadata"]["annotations"]["helm.sh/hook"] == "test"
