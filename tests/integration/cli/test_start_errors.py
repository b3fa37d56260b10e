"""What goes wrong at the start: one clear line, an exit code that tells what is missing, no traceback."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.integration.cli.process import environment, run
from tests.support.s3server import Bucket
from wsi_streamer.cli.root import CatalogFailed, StorageFailed


@pytest.mark.parametrize("command", ["serve", "index"])
@pytest.mark.parametrize(
    ("bucket_name", "env", "words"),
    [
        (None, {"AWS_SECRET_ACCESS_KEY": "wrong"}, "denies access"),
        ("no-such-bucket", {}, "bucket does not exist"),
        (None, {"WSI_S3_ENDPOINT": "http://127.0.0.1:1"}, "can't be reached"),
        (None, {"WSI_S3_ENDPOINT": "http://no-such-host.invalid"}, "can't be reached"),
        (None, {"WSI_DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/d"}, "can't be reached"),
        (None, {"WSI_DATA_DIR": "/dev/null/x"}, "Postgres"),
    ],
)
def test_unusable_store_or_database(
    bucket: Bucket, data_dir: Path, command: str, bucket_name: str | None, env: dict[str, str], words: str
) -> None:
    ports = {"WSI_PORT": "0", "WSI_ADMIN_PORT": "0"}
    done = run(command, f"s3://{bucket_name or bucket.name}", env=environment(bucket, data_dir, **ports) | env)
    missing = CatalogFailed if "Postgres" in words or "WSI_DATABASE_URL" in env else StorageFailed
    assert done.returncode == (missing.exit_code if command == "index" else 1)
    assert words in done.stderr
    assert "hunter2" not in done.stderr
    assert (done.stderr.startswith("Error: "), done.stderr.count("\n"), done.stdout) == (True, 1, "")


def test_no_credentials_at_all(bucket: Bucket, data_dir: Path) -> None:
    env = environment(bucket, data_dir, AWS_EC2_METADATA_DISABLED="true", HOME=str(data_dir))
    env = {
        name: value for name, value in env.items() if not name.startswith("AWS_") or name == "AWS_EC2_METADATA_DISABLED"
    }
    done = run(f"s3://{bucket.name}", env=env | {"WSI_PORT": "0", "WSI_ADMIN_PORT": "0"})
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "No AWS credentials were found" in done.stderr


def test_a_port_in_use_is_told_before_anything_is_started(bucket: Bucket, data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for option in ("WSI_PORT", "WSI_ADMIN_PORT"):
            env = environment(
                bucket,
                data_dir,
                WSI_HOST="127.0.0.1",
                **{"WSI_PORT": "0", "WSI_ADMIN_PORT": "0", option: port},
            )
            done = run(f"s3://{bucket.name}", env=env)
            assert (done.returncode, done.stderr.count("\n")) == (1, 1)
            assert f"127.0.0.1:{port}" in done.stderr
    assert not data_dir.exists()


def test_a_database_without_tables_says_what_to_run(bucket: Bucket, data_dir: Path, empty_database_url: str) -> None:
    ports = {"WSI_PORT": "0", "WSI_ADMIN_PORT": "0", "WSI_DATABASE_URL": empty_database_url}
    for command in ("index", "tiles"):
        done = run(command, f"s3://{bucket.name}", env=environment(bucket, data_dir, **ports))
        assert (done.returncode, done.stderr.count("\n")) == (CatalogFailed.exit_code, 1)
        assert "wsi-streamer migrate" in done.stderr
