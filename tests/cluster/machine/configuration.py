"""The files that the programs of a cluster read."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.cluster.machine.certificates import Authority
from tests.cluster.machine.components import METRICS_PORT
from tests.cluster.machine.places import PAUSE_IMAGE, Layout

USERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "kube-controller-manager": ("system:kube-controller-manager", ()),
    "kube-scheduler": ("system:kube-scheduler", ()),
    "kubelet": ("system:node:n1", ("system:nodes",)),
    "kube-proxy": ("system:kube-proxy", ()),
}
"""Who the cluster's own programs are, by the name of the kubeconfig: the roles that Kubernetes brings fit them."""


def write_configuration(layout: Layout) -> None:
    """All of it, with fresh keys."""
    run = layout.run
    authority = Authority(run / "certs")
    names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"]
    authority.server("apiserver", [layout.address, "127.0.0.1", layout.network.first_service, "localhost", *names])
    authority.key("accounts")
    authority.client("front-proxy-client", "front-proxy-client")
    authority.client("admin", "admin", ("system:masters",))
    layout.kubeconfig.touch(mode=0o600)
    layout.kubeconfig.write_text(kubeconfig(layout, authority.pem, "admin"))
    for name, (user, groups) in USERS.items():
        authority.client(name, user, groups)
        (run / f"{name}.kubeconfig").write_text(kubeconfig(layout, authority.pem, name))
    (run / "audit-policy.yaml").write_text(json.dumps(AUDIT_POLICY))
    if layout.has_node:
        (run / "containerd.toml").write_text(containerd_toml(layout))
        (run / "kubelet.yaml").write_text(json.dumps(kubelet(layout)))
        (run / "Corefile").write_text(corefile(layout))
        (run / "cni").mkdir(exist_ok=True)
        (run / "cni" / "10-wsi.conflist").write_text(json.dumps(pod_network(layout)))


def kubeconfig(layout: Layout, authority: bytes, name: str) -> str:
    """For one user; with everything in it, so that it can be copied."""

    def inline(file: str) -> str:
        return base64.b64encode(layout.cert(file).read_bytes()).decode()

    cluster = {"server": layout.api, "certificate-authority-data": base64.b64encode(authority).decode()}
    user = {"client-certificate-data": inline(f"{name}.crt"), "client-key-data": inline(f"{name}.key")}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "wsi-tests", "cluster": cluster}],
            "users": [{"name": name, "user": user}],
            "contexts": [{"name": "wsi-tests", "context": {"cluster": "wsi-tests", "user": name}}],
            "current-context": "wsi-tests",
        },
        indent=1,
    )


AUDIT_POLICY: dict[str, Any] = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata"}],
}
"""Who, what and when, never the bodies: Secrets would be among them."""


def kubelet(layout: Layout) -> dict[str, Any]:
    """Its configuration. It stays out of the machine's own cgroups as far as it can, and changes no limits of the machine."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        # It listens in a network of its own, where only the API server and pods can reach it.
        "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
        "authorization": {"mode": "AlwaysAllow"},
        "address": layout.network.node,
        "clusterDNS": [layout.network.node],
        "clusterDomain": "cluster.local",
        "containerRuntimeEndpoint": f"unix://{layout.containerd}",
        "podLogsDir": str(layout.run / "pod-logs"),
        "volumePluginDir": str(layout.run / "volume-plugins"),
        "cgroupDriver": "cgroupfs",
        "cgroupsPerQOS": False,
        "enforceNodeAllocatable": [],
        "failCgroupV1": False,
        "failSwapOn": False,
        "localStorageCapacityIsolation": False,
        "makeIPTablesUtilChains": True,
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,  # images can't be pulled again
        "registerNode": True,
        "maxPods": 110,
        "resolvConf": "",  # no names of the outside world
        "shutdownGracePeriod": "0s",
    }


def containerd_toml(layout: Layout) -> str:
    """All that it keeps is in the run folder."""
    run = layout.run
    cri = 'plugins."io.containerd.grpc.v1.cri"'
    return f"""version = 2
root = "{run}/containerd"
state = "{run}/containerd-state"
[grpc]
  address = "{layout.containerd}"
[plugins."io.containerd.internal.v1.opt"]
  path = "{run}/containerd-opt"
[{cri}]
  sandbox_image = "{PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  netns_mounts_under_state_dir = true
  [{cri}.containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
  [{cri}.containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [{cri}.cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{run}/cni"
"""


def pod_network(layout: Layout) -> dict[str, Any]:
    """A link of its own for each pod, and no bridge: so traffic between pods is routed, and passes the rules of Services
    whether or not the kernel filters on bridges."""
    ranges = [[{"subnet": layout.network.pods}]]
    ipam = {
        "type": "host-local",
        "dataDir": str(layout.run / "ipam"),
        "ranges": ranges,
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    plugins = [
        {"type": "ptp", "ipMasq": False, "ipam": ipam},
        {"type": "portmap", "capabilities": {"portMappings": True}},
    ]
    return {"cniVersion": "0.4.0", "name": "wsi", "plugins": plugins}


def corefile(layout: Layout) -> str:
    """Names of the cluster; the outside world has none here."""
    return f""".:53 {{
  bind {layout.network.node}
  errors
  kubernetes cluster.local in-addr.arpa {{
    kubeconfig {layout.kubeconfig} wsi-tests
  }}
}}
"""


def metrics_api(layout: Layout) -> list[dict[str, Any]]:
    """What makes metrics-server, a process of the node, a part of the API."""
    name, namespace = "metrics-server", "kube-system"
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"ports": [{"port": 443, "targetPort": METRICS_PORT}]},
        },
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": name, "namespace": namespace, "labels": {"kubernetes.io/service-name": name}},
            "addressType": "IPv4",
            "ports": [{"port": METRICS_PORT}],
            "endpoints": [{"addresses": [layout.network.node], "conditions": {"ready": True}}],
        },
        {
            "apiVersion": "apiregistration.k8s.io/v1",
            "kind": "APIService",
            "metadata": {"name": "v1beta1.metrics.k8s.io"},
            "spec": {
                "group": "metrics.k8s.io",
                "version": "v1beta1",
                "groupPriorityMinimum": 100,
                "versionPriority": 100,
                "insecureSkipTLSVerify": True,
                "service": {"name": name, "namespace": namespace},
            },
        },
    ]
