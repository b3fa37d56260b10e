"""compose.yaml, run by podman-compose: its own words, with stand-ins for the images that only a registry has."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.needs import missing
from tests.support.s3server import ensure_versitygw, free_port

REPO = Path(__file__).resolve().parents[3]
COMPOSE = REPO / "compose" / "compose.yaml"
STAND_INS = Path(__file__).parent / "stand_ins"
NAME = "localhost/wsi-compose-test"

BASES = ("localhost/wsi-base:bookworm", "localhost/base:bookworm")
"""Debian with Python, made by debootstrap."""

_CA = Path("/etc/ssl/certs/ca-certificates.crt")
_PIP = Path("/etc/pip.conf")
_HEALTHY_SECONDS = 60.0

# runc and its limits: what runs where systemd doesn't. Names of services need netavark and aardvark-dns.
_CONTAINERS_CONF = """
[containers]
default_ulimits = ["nofile=1000:1000", "nproc=1000:1000"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
"""


@dataclass(frozen=True, slots=True)
class Stack:
    """A project that runs."""

    project: str
    url: str
    env_file: Path
    containers_conf: Path

    def compose(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """podman-compose, on this project."""
        command = [
            *(sys.executable, "-m", "podman_compose", "--in-pod", "false", "-p", self.project),
            *("-f", str(COMPOSE), "--env-file", str(self.env_file)),
        ]
        return run(*command, *words, conf=self.containers_conf, check=check)

    def podman(self, *words: str, check: bool = True) -> str:
        """podman; what it says."""
        return run("podman", *words, conf=self.containers_conf, check=check).stdout

    def container(self, service: str) -> str:
        """A service's container."""
        return f"{self.project}_{service}_1"

    def inspect(self, service: str) -> dict[str, Any]:
        """All that podman knows of it."""
        [found] = json.loads(self.podman("inspect", self.container(service)))
        return dict(found)

    def address(self, service: str, network: str) -> str:
        """Its address within a network, which this machine reaches too."""
        networks = self.inspect(service)["NetworkSettings"]["Networks"]
        return str(networks[f"{self.project}_{network}"]["IPAddress"])

    def secret(self, name: str) -> str:
        """A value of the .env file."""
        found = dict(line.split("=", 1) for line in self.env_file.read_text().splitlines() if "=" in line)
        return found[name]

    def start(self) -> None:
        """Each service once those it depends on are as it asks.

        That is podman-compose's part, but podman before 4.6 can't wait for health, and without systemd nothing looks after it:
        the checks of compose.yaml are run here.
        """
        services = yaml.safe_load(COMPOSE.read_text())["services"]
        started: set[str] = set()
        while len(started) < len(services):
            ready = [
                name
                for name, service in services.items()
                if name not in started and set(service.get("depends_on", {})) <= started
            ]
            for name in ready:
                for other, wanted in services[name].get("depends_on", {}).items():
                    self._await(other, wanted["condition"])
            self.compose("up", "-d", "--no-build", "--no-deps", *ready)
            started |= set(ready)
        for name, service in services.items():
            if "healthcheck" in service:
                self._await(name, "service_healthy")

    def logs(self) -> str:
        """The last words of all."""
        names = self.podman("ps", "-a", "--format", "{{.Names}}", "--filter", f"name={self.project}_", check=False)
        told = []
        for name in names.split():
            done = run("podman", "logs", "--tail", "8", name, conf=self.containers_conf, check=False)
            told.append(f"== {name}\n{done.stdout}{done.stderr}")
        return "\n".join(told)

    def _await(self, service: str, condition: str) -> None:
        container = self.container(service)
        if condition == "service_completed_successfully":
            code = self.podman("wait", container).strip()
            assert code == "0", f"{service} ended with {code}\n{self.logs()}"
            return
        deadline = time.monotonic() + _HEALTHY_SECONDS
        while run("podman", "healthcheck", "run", container, conf=self.containers_conf, check=False).returncode != 0:
            assert time.monotonic() < deadline, f"{service} does not get healthy\n{self.logs()}"
            time.sleep(0.2)


@contextlib.contextmanager
def running_stack(folder: Path, slides: Path) -> Iterator[Stack]:
    """All services of compose.yaml, started from nothing; gone at the end, volumes too."""
    conf = folder / "containers.conf"
    conf.write_text(_CONTAINERS_CONF)
    images = _images(conf, folder)
    env_file = folder / "env"
    subprocess.run([REPO / "compose" / "make-env.sh", "signed", env_file], check=True, capture_output=True)
    port = free_port()
    number = port % 200 + 20
    with env_file.open("a") as file:
        file.write(
            f"WSI_LISTEN=127.0.0.1:{port}\nWSI_SLIDES={slides}\nWSI_FRONT_NET=172.30.{number}\n"
            + "".join(f"{name}={image}\n" for name, image in images.items())
        )
    stack = Stack(f"wsi-test-{port}", f"http://127.0.0.1:{port}", env_file, conf)
    try:
        stack.start()
        yield stack
    finally:
        stack.compose("down", "--volumes", "--timeout", "5", check=False)


def run(*command: str, conf: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """A command with podman's configuration for tests; its output in text."""
    done = subprocess.run(
        command,
        env=os.environ | {"CONTAINERS_CONF": str(conf)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert not check or done.returncode == 0, f"{' '.join(command[:6])} …: {done.stdout[-1000:]}{done.stderr[-3000:]}"
    return done


def _images(conf: Path, folder: Path) -> dict[str, str]:
    """Built, or as they were built before; by the variables of compose.yaml that name them."""
    for program in ("podman", "runc"):
        if shutil.which(program) is None:
            missing(f"{program}, to run containers")
    if os.geteuid() != 0:
        missing("root, to run containers")
    if not Path("/usr/lib/podman/aardvark-dns").exists():
        missing("aardvark-dns and netavark, by which containers find each other")
    base = next((b for b in BASES if run("podman", "image", "exists", b, conf=conf, check=False).returncode == 0), None)
    if base is None:
        missing(f"a base image for containers: {BASES[0]}")
    dockerfile = REPO / "services" / "Dockerfile"
    if not dockerfile.exists():
        missing("services/Dockerfile")
    services = f"{NAME}/services:latest"
    _build(conf, REPO, dockerfile, services, BASE_IMAGE=base, ROLE="indexer")
    context = folder / "stand_ins"
    shutil.copytree(STAND_INS, context)
    shutil.copy(ensure_versitygw(), context / "versitygw")
    images = {"WSI_IMAGE": services}
    for target in ("postgres", "versitygw", "nginx"):
        images[f"{target.upper()}_IMAGE"] = tag = f"{NAME}/{target}:latest"
        _build(conf, context, context / "Dockerfile", tag, "--target", target, BASE_IMAGE=base)
    return images


def _build(conf: Path, context: Path, dockerfile: Path, tag: str, *options: str, **arguments: str) -> None:
    """This machine's certificates and index of packages are mounted and end up in no layer."""
    mounts = [f"--volume={path}:{path}:ro" for path in (_CA, _PIP) if path.exists()]
    said = [f"--build-arg={name}={value}" for name, value in arguments.items()]
    run(
        *("podman", "build", "--quiet", "--network", "host", "--isolation", "chroot", *mounts, *said, *options),
        *("--file", str(dockerfile), "--tag", tag, str(context)),
        conf=conf,
    )
