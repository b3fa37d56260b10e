"""Addresses as operators write them."""

from __future__ import annotations

import ipaddress

from wsi_streamer.settings.invalid import InvalidSettings


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def parse_s3_uri(uri: str) -> tuple[str, str]:
    """Bucket and prefix of ``s3://bucket[/prefix]`` or of a bare bucket name.

    Raises:
        InvalidSettings: neither.
    """
    uri = uri.strip()
    scheme, separator, rest = uri.partition("://")
    if not separator:
        bucket, _, prefix = uri.partition("/")
    elif scheme == "s3":
        bucket, _, prefix = rest.partition("/")
    else:
        raise InvalidSettings(
            "The bucket must be s3://bucket[/prefix] or a bare name; a store's URL goes to --s3-endpoint."
        )
    if not bucket:
        raise InvalidSettings("The bucket's name is missing. Use s3://bucket[/prefix].")
    return bucket, prefix
