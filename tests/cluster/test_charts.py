"""Every variant of the charts is taken by a real API server, in a namespace with Pod Security "restricted"."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.support.api_server import ApiServer, Said
from tests.support.chart_files import INSTANCE, OPERATOR
from tests.support.helm import Rendered, helm, template

GIVEN = ("storage.bucket=b", "database.urlSecretRef.name=db", "access.mode=open")
EVERYTHING = {
    "global": {"imageRegistry": "mirror.example.org:5000/pathology", "imagePullSecrets": ["mirror"]},
    "image": {"digest": "sha256:" + "0a" * 32, "pullPolicy": "Always", "pullSecrets": ["more"]},
    "resyncSeconds": 30.5,
    "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy:3128"}],
    "podAnnotations": {"a": "b"},
    "podLabels": {"team": "pathology"},
    "commonLabels": {"cost-centre": "4711"},
    "serviceAccount": {"name": "wsi", "annotations": {"a": "b"}},
    "nodeSelector": {"kubernetes.io/arch": "amd64"},
    "tolerations": [{"key": "infra", "operator": "Exists", "effect": "NoSchedule"}],
    "affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
    "topologySpreadConstraints": [
        {
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": {"team": "pathology"}},
        }
    ],
    "priorityClassName": "system-cluster-critical",
    "podDisruptionBudget": {"enabled": True},
    "metrics": {"service": {"port": 80, "annotations": {"a": "b"}}},
    "networkPolicy": {
        "metricsFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
        "apiServerTo": [{"ipBlock": {"cidr": "10.0.0.1/32"}}],
    },
}

OPERATORS: dict[str, tuple[str, ...]] = {
    "as it comes": (),
    "cluster-wide": ("watch.clusterWide=true",),
    "without rights": ("rbac.create=false", "rbac.aggregateRoles=false"),
    "without a definition": ("crds.enabled=false",),
    "a definition that goes": ("crds.keep=false",),
    "with another account": ("serviceAccount.create=false", "serviceAccount.name=default"),
    "bare": ("metrics.service.enabled=false", "networkPolicy.enabled=false", "rbac.confineSecrets=false"),
    "by another name": ("fullnameOverride=wsi",),
}
INSTANCES: dict[str, tuple[str, ...]] = {
    "with its test": (*GIVEN, "test.image=registry.example.org/wsi-streamer:1"),
    "as it comes": GIVEN,
    "signed": (*GIVEN[:2], "access.mode=signed", "access.signingKeysSecretRef.name=keys"),
    "with pull secrets alone": (*GIVEN, "global.imagePullSecrets={mirror}"),
    "suspended": (*GIVEN, "suspend=true"),
    "without a test": (*GIVEN, "test.enabled=false"),
    "behind a Route": (*GIVEN, "exposure.type=Route", "exposure.host=slides.example.org"),
    "labelled": (*GIVEN, "labels.a=b", "annotations.c=d", "fullnameOverride=pathology"),
}


async def assert_taken(server: ApiServer, namespace: str, rendered: Rendered) -> None:
    """By a server-side dry run; of kinds that this cluster doesn't know, nothing can be said."""
    asked = rendered.manifests()
    if rendered.of_kind("ServiceMonitor"):
        known = await server.ask("get", "crd", "servicemonitors.monitoring.coreos.com")
        asked = [item for item in asked if item["kind"] != "ServiceMonitor" or known.accepted]
    assert asked
    said = await server.ask(
        "-n", namespace, "apply", "--dry-run=server", "-f", "-",
        stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": asked}),
    )  # fmt: skip
    assert said.accepted, said.text
    assert "would violate PodSecurity" not in said.text


@pytest.mark.parametrize("case", OPERATORS)
async def test_variants_of_the_operator(server: ApiServer, restricted: str, case: str) -> None:
    await assert_taken(server, restricted, await template(OPERATOR, *OPERATORS[case], namespace=restricted))


async def test_the_operator_with_every_value(server: ApiServer, restricted: str, tmp_path: Path) -> None:
    values = tmp_path / "values.json"
    values.write_text(json.dumps(EVERYTHING))
    await assert_taken(server, restricted, await template(OPERATOR, values=[values], namespace=restricted))


@pytest.mark.parametrize("case", INSTANCES)
async def test_variants_of_an_instance(server: ApiServer, restricted: str, case: str) -> None:
    await assert_taken(server, restricted, await template(INSTANCE, *INSTANCES[case], namespace=restricted))


EXAMPLES = sorted(path for chart in (OPERATOR, INSTANCE) for path in chart.glob("examples/*.yaml"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
async def test_examples(server: ApiServer, restricted: str, example: Path) -> None:
    if example.stem == "cloudnative-pg-cluster":
        return  # for CloudNativePG's API server extension; tests/unit/charts/test_examples.py reads it
    watched = ["watch.namespaces=null"] if example.parent.parent == OPERATOR else []
    rendered = await template(example.parent.parent, *watched, values=[example], namespace=restricted)
    await assert_taken(server, restricted, rendered)


@pytest.mark.parametrize("chart", [OPERATOR, INSTANCE], ids=lambda chart: chart.name)
async def test_helm_finds_nothing_to_complain_of(server: ApiServer, chart: Path) -> None:
    sets = ("--set", ",".join(GIVEN)) if chart == INSTANCE else ()
    found = await helm("lint", "--strict", "--kube-version", "1.34.0", str(chart), *sets)
    assert found.succeeded, found.text
    assert "[WARNING]" not in found.text


@pytest.mark.parametrize("mode", ["open", "signed"])
async def test_notes_say_what_to_do_next(server: ApiServer, restricted: str, mode: str) -> None:
    keys = ("access.signingKeysSecretRef.name=keys",) if mode == "signed" else ()
    instance = await notes(server, INSTANCE, restricted, *GIVEN[:2], f"access.mode={mode}", *keys)
    assert f"kubectl -n {restricted} wait --for=condition=Ready wsi/slides" in instance
    assert ("whoever reaches the service sees every slide" in instance) is (mode == "open")
    assert ("http://127.0.0.1:3001/grants" in instance) is (mode == "signed")


async def test_the_operators_notes_hold_a_resource_that_is_taken(server: ApiServer, restricted: str) -> None:
    text = await notes(server, OPERATOR, restricted, "crds.enabled=false")
    example = text.partition("<<'END'\n")[2].partition("  END\n")[0]
    said = await server.ask("-n", restricted, "apply", "--dry-run=server", "-f", "-", stdin=example)
    assert said.accepted, said.text


async def test_operators_and_what_they_look_after_can_be_listed(server: ApiServer, restricted: str) -> None:
    """By the command in the chart's README.md."""
    asked = (OPERATOR / "README.md").read_text().partition("kubectl get deploy -A ")[2].partition("\n```")[0]
    try:
        for release, watched in (("two", "watch.namespaces={a,b}"), ("wide", "watch.clusterWide=true")):
            rendered = await template(OPERATOR, watched, release=release, namespace=restricted)
            (deployment,) = rendered.of_kind("Deployment")
            await server.must("-n", restricted, "apply", "-f", "-", stdin=json.dumps(deployment))
        words = shlex.split(asked.replace("\\\n", " "))
        listed = (await server.must("get", "deploy", "-n", restricted, *words)).splitlines()[1:]
        assert [line.split()[1:] for line in listed] == [
            ["two-wsi-streamer-operator", "a,b"],
            ["wide-wsi-streamer-operator", "<none>"],
        ]
    finally:
        await server.must("-n", restricted, "delete", "deploy", "--all")


async def notes(server: ApiServer, chart: Path, namespace: str, *sets: str) -> str:
    """A chart's notes, for this cluster."""
    words = [word for item in sets for word in ("--set", item)]
    found = await helm(
        "install",
        "slides",
        str(chart),
        "-n",
        namespace,
        "--dry-run=server",
        "--kubeconfig",
        str(server.kubeconfig),
        *words,
    )
    assert found.succeeded, found.text
    return found.text.partition("NOTES:\n")[2]


async def test_the_operators_account_may_do_what_it_needs_and_no_more(server: ApiServer, restricted: str) -> None:
    """With the rights of the chart, in a cluster that checks them."""
    rendered = await template(
        OPERATOR, "crds.enabled=false", "fullnameOverride=wsi", "rbac.aggregateRoles=false", namespace=restricted
    )
    try:
        await server.must("-n", restricted, "apply", "-f", "-", stdin=as_list(rendered, but=("Deployment", "Service")))
        account = f"system:serviceaccount:{restricted}:wsi"

        async def may(verb: str, what: str, namespace: str = restricted) -> bool:
            kind, _, part = what.partition(".")
            words = [kind, *([f"--subresource={part}"] if part else [])]
            return (await server.ask("-n", namespace, "auth", "can-i", verb, *words, "--as", account)).accepted

        for verb, what in (
            ("list", "wsistreamers"), ("patch", "wsistreamers.status"), ("get", "secret/db"), ("create", "secrets"),
            ("patch", "deployments"), ("delete", "jobs"), ("list", "events"), ("watch", "horizontalpodautoscalers"),
        ):  # fmt: skip
            assert await may(verb, what), (verb, what)
        for verb, what in (
            ("list", "secrets"), ("watch", "secrets"), ("delete", "secrets"), ("update", "wsistreamers"), ("delete", "wsistreamers"),
            ("create", "pods"), ("get", "pods.log"), ("create", "pods.exec"), ("create", "rolebindings"), ("create", "events"),
        ):  # fmt: skip
            assert not await may(verb, what), (verb, what)
        for verb, allowed in (("create", True), ("patch", False)):
            said = await server.ask("-n", restricted, "auth", "can-i", verb, "events.events.k8s.io", "--as", account)
            assert said.accepted is allowed, verb
        assert not await may("get", "secret/db", "kube-system")
        assert not await may("list", "wsistreamers", "default")

        assert (await secret_by(server, account, restricted, "slides-admin", owner="slides")).accepted
        for name, owner in (("slides-admin", None), ("db", "slides"), ("other-admin", "slides")):
            said = await secret_by(server, account, restricted, name, owner=owner)
            assert not said.accepted, (name, owner)
            assert "writes no Secret but the admin token of a WSIStreamer" in said.text

        # Nor one into which the cluster would write the token of an account, nor one with other keys.
        for more in ({"type": "kubernetes.io/service-account-token"}, {"data": {"uri": "YQ=="}}):
            said = await secret_by(server, account, restricted, "slides-admin", owner="slides", **more)
            assert not said.accepted, more
            assert "holds the three tokens alone" in said.text

        # Nor may it make a Secret of somebody else's its own, to change it then.
        await server.must("-n", restricted, "create", "secret", "generic", "slides-admin")
        patch = json.dumps({"metadata": {"ownerReferences": [owned_by("slides")]}})
        said = await server.ask(
            "-n", restricted, "patch", "secret", "slides-admin", "--dry-run=server", "--as", account, "-p", patch
        )
        assert not said.accepted
        assert "changes no Secret that isn't the admin token of a WSIStreamer already" in said.text
    finally:
        await server.must("-n", restricted, "delete", "--ignore-not-found", "-f", "-", stdin=as_list(rendered))


async def secret_by(
    server: ApiServer, account: str, namespace: str, name: str, *, owner: str | None, **more: Any
) -> Said:
    """Whether an account may create such a Secret; it isn't kept."""
    metadata = {"name": name, **({"ownerReferences": [owned_by(owner)]} if owner else {})}
    if "type" in more:
        metadata["annotations"] = {"kubernetes.io/service-account.name": "default"}
    manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, **more}
    return await server.ask(
        "-n", namespace, "create", "--dry-run=server", "--as", account, "-f", "-", stdin=json.dumps(manifest)
    )


def owned_by(name: str) -> dict[str, Any]:
    """A reference to a WSIStreamer."""
    return {
        "apiVersion": "wsistreamer.io/v1alpha1",
        "kind": "WSIStreamer",
        "name": name,
        "uid": "0",
        "controller": True,
    }


def as_list(rendered: Rendered, but: tuple[str, ...] = ()) -> str:
    items = [item for item in rendered.manifests() if item["kind"] not in but]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items})


async def test_the_clusters_own_roles_know_the_resource(server: ApiServer, restricted: str) -> None:
    rendered = await template(OPERATOR, "fullnameOverride=wsi", "rbac.confineSecrets=false", namespace=restricted)
    roles = json.dumps({"apiVersion": "v1", "kind": "List", "items": rendered.of_kind("ClusterRole")})
    try:
        await server.must("apply", "-f", "-", stdin=roles)
        for role, may in (
            ("view", {"get"}),
            ("edit", {"get", "create", "patch", "delete"}),
            ("admin", {"get", "create"}),
        ):
            (rules,) = [
                item["rules"] for item in rendered.of_kind("ClusterRole") if item["metadata"]["name"].endswith(role)
            ]
            verbs = {verb for rule in rules for verb in rule["verbs"] if "wsistreamers" in rule["resources"]}
            assert may <= verbs
            aggregated = await server.must("get", "clusterrole", role, "-o", "json")
            assert "wsistreamer.io" in aggregated
        (rules,) = [
            item["rules"] for item in rendered.of_kind("ClusterRole") if item["metadata"]["name"].endswith("-view")
        ]
        assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "list", "watch"}
    finally:
        await server.must("delete", "--ignore-not-found", "-f", "-", stdin=roles)
