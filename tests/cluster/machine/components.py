"""The programs of a cluster and their command lines."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from tests.cluster.machine.places import Layout

METRICS_PORT = 14443


@dataclass(frozen=True, slots=True)
class Component:
    """A program that is started again whenever it ends."""

    name: str
    command: tuple[str, ...]
    after: tuple[str, ...] = ()
    """It starts once these take connections: ``tcp:HOST:PORT`` or ``unix:PATH``."""


def components(layout: Layout) -> tuple[Component, ...]:
    """All of them, for one node; or only the control plane's."""
    control_plane = (_etcd(layout), _api_server(layout), _controllers(layout), _scheduler(layout))
    return control_plane + (_of_the_node(layout) if layout.has_node else ())


def _etcd(layout: Layout) -> Component:
    url, peers = f"http://127.0.0.1:{layout.etcd_port}", f"http://127.0.0.1:{layout.etcd_peer_port}"
    return Component(
        "etcd",
        (
            str(layout.etcd),
            "--unsafe-no-fsync",
            f"--data-dir={layout.run / 'etcd'}",
            f"--listen-client-urls={url}",
            f"--advertise-client-urls={url}",
            f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=default={peers}",
        ),
    )


def _api_server(layout: Layout) -> Component:
    cert = layout.cert
    return Component(
        "kube-apiserver",
        (
            str(layout.bin / "kube-apiserver"),
            f"--etcd-servers=http://127.0.0.1:{layout.etcd_port}",
            f"--bind-address={layout.address}",
            f"--advertise-address={layout.network.node}",  # never a loopback address
            f"--secure-port={layout.api_port}",
            f"--tls-cert-file={cert('apiserver.crt')}",
            f"--tls-private-key-file={cert('apiserver.key')}",
            f"--client-ca-file={cert('ca.crt')}",
            "--authorization-mode=Node,RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={cert('accounts.key')}",
            f"--service-account-signing-key-file={cert('accounts.key')}",
            f"--service-cluster-ip-range={layout.network.services}",
            "--kubelet-preferred-address-types=InternalIP",
            # Requests that it passes on to metrics-server:
            f"--requestheader-client-ca-file={cert('ca.crt')}",
            "--requestheader-allowed-names=front-proxy-client",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-username-headers=X-Remote-User",
            f"--proxy-client-cert-file={cert('front-proxy-client.crt')}",
            f"--proxy-client-key-file={cert('front-proxy-client.key')}",
            "--enable-aggregator-routing=true",
            f"--audit-policy-file={layout.run / 'audit-policy.yaml'}",
            f"--audit-log-path={layout.audit_log}",
        ),
        (f"tcp:127.0.0.1:{layout.etcd_port}",),
    )


def _controllers(layout: Layout) -> Component:
    return Component(
        "kube-controller-manager",
        (
            str(layout.bin / "kube-controller-manager"),
            f"--kubeconfig={layout.run / 'kube-controller-manager.kubeconfig'}",
            f"--service-account-private-key-file={layout.cert('accounts.key')}",
            f"--root-ca-file={layout.cert('ca.crt')}",
            "--use-service-account-credentials=true",
            "--leader-elect=false",
            "--secure-port=0",
            "--controllers=*,-node-ipam-controller,-service-lb-controller,-cloud-node-lifecycle-controller",
            # Faster than in life, so that tests of autoscaling take seconds:
            "--horizontal-pod-autoscaler-sync-period=5s",
            "--horizontal-pod-autoscaler-cpu-initialization-period=15s",
            "--horizontal-pod-autoscaler-downscale-stabilization=15s",
        ),
        _after_api(layout),
    )


def _scheduler(layout: Layout) -> Component:
    return Component(
        "kube-scheduler",
        (
            str(layout.bin / "kube-scheduler"),
            f"--kubeconfig={layout.run / 'kube-scheduler.kubeconfig'}",
            "--leader-elect=false",
            "--secure-port=0",
        ),
        _after_api(layout),
    )


def _of_the_node(layout: Layout) -> tuple[Component, ...]:
    run = layout.run
    return (
        Component("containerd", ("containerd", "--config", str(run / "containerd.toml"))),
        Component(
            "kubelet",
            (
                str(layout.bin / "kubelet"),
                f"--kubeconfig={run / 'kubelet.kubeconfig'}",
                f"--config={run / 'kubelet.yaml'}",
                f"--root-dir={run / 'kubelet'}",
                "--hostname-override=n1",
                f"--node-ip={layout.network.node}",
            ),
            (f"unix:{layout.containerd}", *_after_api(layout)),
        ),
        Component(
            "kube-proxy",
            (
                str(layout.bin / "kube-proxy"),
                f"--kubeconfig={run / 'kube-proxy.kubeconfig'}",
                "--hostname-override=n1",
                "--proxy-mode=iptables",
                f"--cluster-cidr={layout.network.pods}",
                # Limits of the whole machine, which are not ours to change:
                "--conntrack-max-per-core=0",
                "--conntrack-tcp-timeout-established=0s",
                "--conntrack-tcp-timeout-close-wait=0s",
            ),
            _after_api(layout),
        ),
        Component("coredns", (str(layout.bin / "coredns"), "-conf", str(run / "Corefile")), _after_api(layout)),
        Component(
            "metrics-server",
            (
                str(layout.bin / "metrics-server"),
                f"--kubeconfig={layout.kubeconfig}",
                f"--authentication-kubeconfig={layout.kubeconfig}",
                f"--authorization-kubeconfig={layout.kubeconfig}",
                f"--cert-dir={run / 'metrics-certs'}",
                f"--bind-address={layout.network.node}",
                f"--secure-port={METRICS_PORT}",
                "--metric-resolution=10s",
                "--kubelet-request-timeout=5s",
                "--kubelet-insecure-tls",
                "--kubelet-preferred-address-types=InternalIP",
            ),
            _after_api(layout),
        ),
    )


def _after_api(layout: Layout) -> tuple[str, ...]:
    return (f"tcp:{layout.address}:{layout.api_port}",)


SUPERVISOR = (sys.executable, "-m", "tests.cluster.machine.supervisor")
