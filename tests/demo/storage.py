"""The demo's bucket: a real S3 server whose objects stay between runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from tests.demo.command import is_free
from tests.support.s3server import S3Server, free_port

BUCKET = "samples"


@dataclass(frozen=True, slots=True)
class DemoStorage:
    """The running server."""

    server: S3Server

    @classmethod
    def start(cls, folder: Path) -> DemoStorage:
        """Start it on the port of the last run in this folder where that is free.

        The catalog knows a bucket by its endpoint: on another port the same objects would be indexed anew.
        """
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / "port"
        port = int(kept.read_text()) if kept.exists() else 0
        if not port or not is_free(port):
            port = free_port()
            kept.write_text(str(port))
        return cls(S3Server.start(folder / "objects", port=port))

    @property
    def endpoint(self) -> str:
        """Its URL."""
        return self.server.endpoint

    @property
    def env(self) -> dict[str, str]:
        """Credentials, as environment variables."""
        return self.server.env

    def outdated(self, folder: Path) -> Iterator[tuple[str, Path]]:
        """The files of ``folder`` that the bucket does not hold as they are, with their keys; others' objects go."""
        client = self.server.client()
        try:
            client.head_bucket(Bucket=BUCKET)
        except ClientError:
            client.create_bucket(Bucket=BUCKET)
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        stored = {item["Key"]: item["ETag"].strip('"') for page in pages for item in page.get("Contents", [])}
        files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("[!.]*")) if path.is_file()}
        for key in stored.keys() - files.keys():
            client.delete_object(Bucket=BUCKET, Key=key)
        for key, path in files.items():
            with path.open("rb") as file:
                if stored.get(key) != hashlib.file_digest(file, "md5").hexdigest():
                    yield key, path

    def upload(self, key: str, path: Path) -> None:
        """Send one file, in one part, so that its ETag is its MD5."""
        with path.open("rb") as file:
            self.server.client().put_object(Bucket=BUCKET, Key=key, Body=file)

    def stop(self) -> None:
        """End it."""
        self.server.stop()
