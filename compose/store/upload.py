"""Fills the store of compose.yaml: a bucket, an account that may only read it, and the slides of a folder.

Runs in the services' image, with what is there: botocore, and tifffile for the sample that is drawn where there are no
slides. What the bucket holds already, by name and size, is not sent again; nothing is ever deleted.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import botocore.session
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

REGION = "us-east-1"
PART_BYTES = 64 << 20
SAMPLE = "sample.tif"
EXTENSIONS = {".svs", ".tif", ".tiff", ".btf", ".tf2", ".tf8", ".ndpi", ".scn", ".bif", ".qptiff"}


def main() -> None:
    """Make what is missing."""
    endpoint, bucket, reader = os.environ["STORE"], os.environ["BUCKET"], os.environ["READER"]
    session = botocore.session.get_session()
    client = session.create_client(
        "s3", region_name=REGION, endpoint_url=endpoint, config=Config(s3={"addressing_style": "path"})
    )
    try:
        client.create_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
            raise
    make_account(session, endpoint, reader, os.environ["READER_SECRET"])
    client.put_bucket_policy(Bucket=bucket, Policy=read_only(bucket, reader))
    known = listed(client, bucket)
    slides = dict(slides_in(Path("/slides")))
    for key, path in slides.items():
        if known.get(key) != path.stat().st_size:
            send(client, bucket, key, path)
    if not slides and not known:
        client.put_object(Bucket=bucket, Key=SAMPLE, Body=sample())
    sys.stderr.write(f"{len(slides)} slides in the folder, {len(listed(client, bucket))} objects in the bucket\n")


def slides_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """Keys and files, in the order of their names.

    Raises:
        OSError: a folder in it can't be read.
    """

    def refuse(error: OSError) -> None:
        raise error

    for parent, folders, names in os.walk(folder, onerror=refuse, followlinks=True):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if path.suffix.lower() in EXTENSIONS:
                yield path.relative_to(folder).as_posix(), path


def listed(client: Any, bucket: str) -> dict[str, int]:
    """Sizes by key."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {found["Key"]: found["Size"] for page in pages for found in page.get("Contents", ())}


def send(client: Any, bucket: str, key: str, path: Path) -> None:
    """In parts: S3 takes at most 5 GB at once, and memory should hold little of it."""
    upload = client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
    target = {"Bucket": bucket, "Key": key, "UploadId": upload}
    try:
        parts = []
        with path.open("rb") as file:
            # One part even of an empty file.
            while (data := file.read(PART_BYTES)) or not parts:
                number = len(parts) + 1
                etag = client.upload_part(**target, PartNumber=number, Body=data)["ETag"]
                parts.append({"ETag": etag, "PartNumber": number})
        client.complete_multipart_upload(**target, MultipartUpload={"Parts": parts})
    except BaseException:
        client.abort_multipart_upload(**target)
        raise


def make_account(session: Any, endpoint: str, access: str, secret: str) -> None:
    """The reader's, by versitygw's admin API; one that is there gets the secret of now.

    Raises:
        SystemExit: the store refuses.
    """
    body = f"<Account><Access>{escape(access)}</Access><Secret>{escape(secret)}</Secret><Role>user</Role></Account>"
    status, said = admin(session, f"{endpoint}/create-user", body)
    if status == 409:
        props = f"<MutableProps><Secret>{escape(secret)}</Secret></MutableProps>"
        status, said = admin(session, f"{endpoint}/update-user?access={access}", props)
    if status >= 300:
        sys.exit(f"The store makes no account for reading ({status}): {said[:200]}")


def admin(session: Any, url: str, body: str) -> tuple[int, str]:
    """One signed request; status and body of the answer."""
    request = AWSRequest("PATCH", url, data=body.encode(), headers={"content-type": "application/xml"})
    S3SigV4Auth(session.get_credentials(), "s3", REGION).add_auth(request)
    answer = URLLib3Session(timeout=20).send(request.prepare())
    return answer.status_code, answer.text


def read_only(bucket: str, reader: str) -> str:
    """The bucket's policy: what WSI Streamer needs and no more."""
    allowed = [("s3:ListBucket", f"arn:aws:s3:::{bucket}"), ("s3:GetObject", f"arn:aws:s3:::{bucket}/*")]
    statements = [
        {"Effect": "Allow", "Principal": {"AWS": [reader]}, "Action": [action], "Resource": [resource]}
        for action, resource in allowed
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def sample() -> bytes:
    """A small pyramid of coloured rings, for want of a slide."""
    import numpy as np
    import tifffile

    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for level in range(4):
            step = 1 << level
            y, x = np.mgrid[0:4096:step, 0:4096:step].astype(np.float32) - 2048
            rings = np.sin(np.hypot(x, y) / 60)
            pixels = np.stack([200 + 40 * rings, 150 + 60 * np.sin(x / 200), 190 + 50 * np.cos(y / 260)], axis=-1)
            writer.write(
                pixels.clip(0, 255).astype(np.uint8),
                tile=(256, 256),
                compression="jpeg",
                photometric="rgb",
                subfiletype=1 if level else 0,
                metadata=None,
            )
    return file.getvalue()


if __name__ == "__main__":
    try:
        main()
    except PermissionError:
        user = f"user {os.getuid()}, group {os.getgid()}"
        sys.exit(f"The folder of slides holds what this container ({user}) may not read: chmod -R o+rX it.")
