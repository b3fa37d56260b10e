"""Where the slides are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from wsi_streamer.slides.errors import StorageError

Addressing = Literal["auto", "path", "virtual"]


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """One bucket of one object store."""

    bucket: str
    endpoint: str | None = None
    """``https://host[:port]``; None is AWS."""

    region: str = "us-east-1"
    addressing: Addressing = "auto"
    """Whether the bucket stands in the path or in the host name. ``auto``: in the host name for AWS (unless it has
    dots, which its certificate does not cover), in the path elsewhere."""

    ca_bundle: Path | None = None
    """PEM file of a private certificate authority."""

    timeout: float = 30.0
    """Seconds for one call, retries and pauses included."""

    max_attempts: int = 4
    max_connections: int = 64


@dataclass(frozen=True, slots=True)
class Address:
    """What every request to a bucket begins with."""

    scheme: str
    host: str
    """As in the Host header: with the port unless it is the scheme's own."""

    base_path: str
    """``/bucket`` or empty."""

    @classmethod
    def of(cls, config: StoreConfig) -> Address:
        """The address of a bucket.

        Raises:
            StorageError: an endpoint that can't be one.
        """
        endpoint = config.endpoint or _aws(config.region)
        if "//" not in endpoint:
            endpoint = f"https://{endpoint}"
        try:
            url = urlsplit(endpoint)
            port = url.port
        except ValueError:
            raise StorageError("The S3 endpoint is not a URL. Use http(s)://host[:port].") from None
        if url.scheme not in ("http", "https") or not url.hostname or url.path.strip("/") or url.query or url.username:
            raise StorageError("The S3 endpoint must be http(s)://host[:port], without a path or credentials.")
        host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
        if port is not None and port != {"http": 80, "https": 443}[url.scheme]:
            host = f"{host}:{port}"
        virtual = config.addressing == "virtual" or (
            config.addressing == "auto" and config.endpoint is None and "." not in config.bucket
        )
        if virtual:
            return cls(url.scheme, f"{config.bucket}.{host}", "")
        return cls(url.scheme, host, f"/{config.bucket}")


def _aws(region: str) -> str:
    return f"https://s3.{region}.amazonaws.com" + (".cn" if region.startswith("cn-") else "")
