"""Command lines and files of a cluster."""

from __future__ import annotations

import base64
import ipaddress
import itertools
import json
from pathlib import Path

import pytest
from cryptography import x509

from tests.cluster.machine.components import components
from tests.cluster.machine.configuration import AUDIT_POLICY, write_configuration
from tests.cluster.machine.network import first_free
from tests.cluster.machine.places import NETWORKS, Layout, Network


def layout(run: Path, *, has_node: bool = True, number: int = 0) -> Layout:
    return Layout(run, Path("/bin"), Path("/bin/etcd"), network=Network(number), has_node=has_node)


def test_networks_share_no_address() -> None:
    for one, other in itertools.combinations(NETWORKS, 2):
        for a, b in itertools.product(
            (one.between, one.pods, one.services), (other.between, other.pods, other.services)
        ):
            assert not ipaddress.ip_network(a).overlaps(ipaddress.ip_network(b))
        assert one.link != other.link


@pytest.mark.parametrize("network", NETWORKS)
def test_a_networks_addresses_are_within_it(network: Network) -> None:
    between = ipaddress.ip_network(network.between)
    assert ipaddress.ip_address(network.host) in between
    assert ipaddress.ip_address(network.node) in between
    assert ipaddress.ip_address(network.first_service) in ipaddress.ip_network(network.services)


def test_the_first_network_that_nobody_uses_is_taken() -> None:
    default = {"dst": "default", "gateway": "192.0.2.1"}
    assert first_free([default]) == Network(0)
    assert first_free([default, {"dst": "10.89.9.7", "dev": "elsewhere"}]) == Network(1)
    assert first_free([{"dst": "10.97.0.0/16"}, {"dst": "10.89.8.0/21"}]) == Network(4)
    assert first_free([{"dst": "fd00::/64"}]) == Network(0)
    assert first_free([{"dst": "10.0.0.0/8"}]) is None


def test_a_control_plane_has_no_node_and_listens_on_this_machine_alone(tmp_path: Path) -> None:
    alone = components(layout(tmp_path, has_node=False))
    assert [part.name for part in alone] == ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]
    assert "--bind-address=127.0.0.1" in alone[1].command
    whole = components(layout(tmp_path))
    assert {part.name for part in whole} - {part.name for part in alone} == {
        "containerd",
        "kubelet",
        "kube-proxy",
        "coredns",
        "metrics-server",
    }


def test_programs_write_below_the_run_folder(tmp_path: Path) -> None:
    """All paths in all command lines and files: what is outside stays on the machine."""
    found = layout(tmp_path / "run")
    found.run.mkdir()
    write_configuration(found)
    programs = {"/bin/etcd", "/bin", "/usr/lib/cni"}
    text = "\n".join(word for part in components(found) for word in part.command)
    text += "".join(
        (found.run / name).read_text() for name in ("containerd.toml", "kubelet.yaml", "cni/10-wsi.conflist")
    )
    paths = {
        word.strip("\"',=}")
        for line in text.replace("=", "\n").replace('"', "\n").split("\n")
        for word in [line.strip()]
    }
    outside = {path for path in paths if path.startswith("/") and not path.startswith(str(found.run))}
    assert {path for path in outside if str(Path(path).parent) not in programs and path not in programs} <= {"/run"}


def test_a_kubeconfig_is_whole_and_names_its_user(tmp_path: Path) -> None:
    found = layout(tmp_path)
    write_configuration(found)
    config = json.loads((tmp_path / "kubelet.kubeconfig").read_text())
    assert config["clusters"][0]["cluster"]["server"] == "https://10.89.8.2:6443"
    pem = base64.b64decode(config["users"][0]["user"]["client-certificate-data"])
    subject = x509.load_pem_x509_certificate(pem).subject.rfc4514_string()
    assert subject == "CN=system:node:n1,O=system:nodes"
    authority = base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"])
    x509.load_pem_x509_certificate(pem).verify_directly_issued_by(x509.load_pem_x509_certificate(authority))
    assert (tmp_path / "kubeconfig").stat().st_mode & 0o077 == 0
    assert (tmp_path / "certs" / "admin.key").stat().st_mode & 0o077 == 0


def test_the_api_servers_certificate_names_all_that_it_is_reached_by(tmp_path: Path) -> None:
    write_configuration(layout(tmp_path, number=3))
    certificate = x509.load_pem_x509_certificate((tmp_path / "certs" / "apiserver.crt").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(address) for address in names.get_values_for_type(x509.IPAddress)} == {
        "10.89.14.2",
        "10.100.0.1",
        "127.0.0.1",
    }
    assert "kubernetes.default.svc" in names.get_values_for_type(x509.DNSName)


def test_bodies_of_requests_are_never_on_record() -> None:
    assert [rule["level"] for rule in AUDIT_POLICY["rules"]] == ["Metadata"]
