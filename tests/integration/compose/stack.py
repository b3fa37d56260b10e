"""compose.yaml, run by podman-compose: its own words, with stand-ins for the images that only a registry has."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.cluster.machine.images import build, content_hash, ensure_base_image, image_id
from tests.cluster.machine.session import locked
from tests.support.needs import missing
from tests.support.s3server import ensure_versitygw, free_port

REPO = Path(__file__).resolve().parents[3]
COMPOSE = REPO / "compose" / "compose.yaml"
STAND_INS = Path(__file__).parent / "stand_ins"
_HEALTHY_SECONDS = 60.0
_NAMES = Path("/run/containers/networks/aardvark-dns")
"""What the containers' name server is told, and its process id."""

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
def running_stack(folder: Path, slides: Path, services_image: str) -> Iterator[Stack]:
    """All services of compose.yaml, started from nothing; gone at the end, volumes too."""
    conf = folder / "containers.conf"
    conf.write_text(_CONTAINERS_CONF)
    images = stand_ins() | {"WSI_IMAGE": services_image}
    env_file = folder / "env"
    subprocess.run([REPO / "compose" / "make-env.sh", "signed", env_file], check=True, capture_output=True)
    port = free_port()
    number = port % 200 + 20
    with env_file.open("a") as file:
        file.write(
            f"WSI_LISTEN=127.0.0.1:{port}\nWSI_SLIDES={slides}\nWSI_FRONT_NET=172.30.{number}\n"
            + "".join(f"{name}={image}\n" for name, image in images.items())
        )
    forget_dead_name_server()
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


def stand_ins() -> dict[str, str]:
    """Images for the variables of compose.yaml that name those of others, built where they have changed.

    Raises:
        RuntimeError: one can't be built.
    """
    base, program = ensure_base_image(), ensure_versitygw()
    key = content_hash(STAND_INS, ["."], (base, image_id(base) or "", program.parent.name))
    tags = {target: f"localhost/wsi-compose-{target}:test-{key}" for target in ("postgres", "versitygw", "nginx")}
    with locked("compose-images"), tempfile.TemporaryDirectory() as folder:  # one process builds
        shutil.copytree(STAND_INS, folder, dirs_exist_ok=True)
        shutil.copy(program, folder)
        for target, tag in tags.items():
            if image_id(tag) is None:
                arguments = ("--build-arg", f"BASE_IMAGE={base}", "--target", target)
                build(tag, Path(folder, "Dockerfile"), *arguments, context=Path(folder))
    return {f"{target.upper()}_IMAGE": tag for target, tag in tags.items()}


def forget_dead_name_server() -> None:
    """After a name server that was killed podman goes by its process id, which may be any other process's by now: that one is
    sent the signal to read names anew, and nobody answers for them."""
    with contextlib.suppress(FileNotFoundError):
        number = (_NAMES / "aardvark.pid").read_text().strip()
        with contextlib.suppress(FileNotFoundError):
            if Path("/proc", number, "comm").read_text().strip() == "aardvark-dns":
                return
        for left in _NAMES.iterdir():
            left.unlink()


def needs_names() -> None:
    """Skips the test where containers can't find each other."""
    if not Path("/usr/lib/podman/aardvark-dns").exists() or not Path("/usr/lib/podman/netavark").exists():
        missing("the packages aardvark-dns and netavark, by which containers find each other")
