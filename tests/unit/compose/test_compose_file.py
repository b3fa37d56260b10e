"""What compose.yaml and make-env.sh promise, read without running a container."""

from __future__ import annotations

import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from wsi_streamer.settings import setting_fields

COMPOSE = Path(__file__).resolve().parents[3] / "compose"
TEXT = (COMPOSE / "compose.yaml").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
ONE_SHOTS = {"store-folders", "upload", "migrate"}
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)(:-|:\?)?([^}]*)\}")


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_can_write_its_data_and_nothing_else(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "pid", "ipc", "devices"} & set(service)
    binds = [volume for volume in service.get("volumes", []) if volume.startswith((".", "/", "${")) and ":" in volume]
    assert all(volume.endswith(":ro") for volume in binds)


@pytest.mark.parametrize("name", SERVICES)
def test_images_have_a_version(name: str) -> None:
    default = re.fullmatch(r"\$\{[A-Z_]+:-(.+)\}", SERVICES[name]["image"])
    assert default is not None
    assert re.search(r":v?\d+\.\d+(\.\d+)?[^:/]*$", default[1]), "no tag that moves"


def test_only_nginx_is_published_and_on_this_machine_alone() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert SERVICES["nginx"]["ports"] == ["${WSI_LISTEN:-127.0.0.1:3000}:8080"]
    assert set(SERVICES["nginx"]["networks"]) == {"front"}
    # Whoever else can reach the workers may not say where a request comes from.
    trusted = SERVICES["tiles-1"]["environment"]["WSI_TRUSTED_PROXIES"]
    assert trusted == SERVICES["nginx"]["networks"]["front"]["ipv4_address"]
    assert all("front" not in SERVICES[name]["networks"] for name in ("postgres", "store", "upload", "migrate"))


def test_what_runs_is_looked_after_and_what_ends_is_waited_for() -> None:
    for name, service in SERVICES.items():
        assert ("healthcheck" in service) == (name not in ONE_SHOTS), name
        assert service["restart"] == ("no" if name in ONE_SHOTS else "unless-stopped"), name
        for other, wanted in service.get("depends_on", {}).items():
            expected = "service_completed_successfully" if other in ONE_SHOTS else "service_healthy"
            assert wanted == {"condition": expected}, (name, other)


def test_every_variable_of_the_services_is_a_setting() -> None:
    known = {item.metadata["env"] for item in setting_fields().values()}
    named = {
        name for service in SERVICES.values() for name in service.get("environment", {}) if name.startswith("WSI_")
    }
    # Postgres' own first script has the last two.
    assert named - known <= {"WSI_DATABASE_OWNER_PASSWORD", "WSI_DATABASE_SERVICES_PASSWORD"}


def test_no_secret_has_a_default_and_the_mode_of_access_has_none_either() -> None:
    for name, kind, said in VARIABLE.findall(TEXT):
        if re.search("PASSWORD|TOKEN|SECRET", name) and name != "WSI_OIDC_CLIENT_SECRET":
            assert kind == ":?", name
            assert "make-env.sh" in said
    modes = [kind for name, kind, _ in VARIABLE.findall(TEXT) if name == "WSI_ACCESS"]
    assert modes
    assert set(modes) == {":?"}


@pytest.mark.parametrize("mode", ["open", "signed", "oidc"])
def test_the_generated_file_has_all_that_is_asked_for_and_each_secret_once(mode: str, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    assert make_env(mode, str(file)).returncode == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    values = dict(line.split("=", 1) for line in file.read_text().splitlines() if line and not line.startswith("#"))
    asked = {name for name, kind, _ in VARIABLE.findall(TEXT) if kind == ":?"}
    assert asked <= {name for name, value in values.items() if value}
    assert values["WSI_ACCESS"] == mode
    secrets = [value for name, value in values.items() if re.search("PASSWORD|TOKEN|SECRET$|KEYS", name) and value]
    assert len(secrets) == 8
    assert len(set(secrets)) == len(secrets)
    assert all(re.fullmatch("[0-9a-f]{64}", secret) for secret in secrets)


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("POSTGRES_PASSWORD=the only copy\n")
    done = make_env("signed", str(file))
    assert (done.returncode, file.read_text()) == (1, "POSTGRES_PASSWORD=the only copy\n")
    assert "stays as it is" in done.stderr


@pytest.mark.parametrize("words", [(), ("closed",), ("",)])
def test_the_mode_of_access_must_be_chosen(words: tuple[str, ...], tmp_path: Path) -> None:
    done = make_env(*words, *([str(tmp_path / ".env")] if words else []))
    assert done.returncode == 2
    assert "signed" in done.stderr
    assert not (tmp_path / ".env").exists()


def make_env(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMPOSE / "make-env.sh", *words], capture_output=True, text=True, check=False)
