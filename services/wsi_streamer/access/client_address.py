"""From where a request comes, when proxies stand in between."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

_IPV6_NETWORK_BITS = 64

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The proxies whose word on their clients counts. What anyone else writes into X-Forwarded-For is nothing."""

    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, networks: Sequence[str]) -> TrustedProxies:
        """From addresses and networks (CIDR).

        Raises:
            ValueError: one is neither.
        """
        return cls(tuple(ipaddress.ip_network(text, strict=False) for text in networks))

    def client(self, peer: str, forwarded: Sequence[bytes]) -> str:
        """The address of the client: the peer, or what trusted proxies say behind it. ``forwarded`` are the values of
        X-Forwarded-For in the order they came; each proxy has added its own client at the end, so that the last one which
        is no trusted proxy counts. Empty where it isn't known (a Unix socket).
        """
        address = peer
        if not self.networks or not self._trusts(peer):
            return plain_address(address)
        for entry in reversed(b",".join(forwarded).decode("latin-1").split(",")):
            text = plain_address(entry.strip())
            if not text:
                break  # a proxy that doesn't know: what stands before it was written by who knows whom
            address = text
            if not self._trusts(text):
                break
        return plain_address(address)

    def _trusts(self, text: str) -> bool:
        return is_within(text, self.networks)


def is_within(address: str, networks: Sequence[Network]) -> bool:
    """Whether an address is in one of some networks; what is no address is in none."""
    try:
        parsed = ipaddress.ip_address(plain_address(address))
    except ValueError:
        return False
    return any(parsed.version == network.version and parsed in network for network in networks)


def plain_address(text: str) -> str:
    """An address without port, brackets and zone; IPv4 in IPv6 as IPv4. Empty where it is none."""
    host = text[1:].partition("]")[0] if text.startswith("[") else text
    if host.count(":") == 1:  # 192.0.2.1:4711
        host = host.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)


def counted_as(address: str) -> str:
    """What an address counts as where addresses are counted. One of IPv6 is its network of 64 bits: each who has one has all
    addresses in it."""
    if ":" not in address:
        return address
    try:
        parsed = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, _IPV6_NETWORK_BITS), strict=False))
