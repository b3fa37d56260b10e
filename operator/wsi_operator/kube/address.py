"""Where an object is in the API."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Address:
    """A collection, an object in it, or a subresource of that."""

    api_version: str
    """``v1`` or ``group/version``."""

    plural: str
    namespace: str | None = None
    """None: of the whole cluster."""

    name: str | None = None
    subresource: str | None = None

    def of(self, name: str, subresource: str | None = None) -> Address:
        """An object of this collection."""
        return replace(self, name=name, subresource=subresource)

    @property
    def path(self) -> str:
        """From the server's root on."""
        root = "/api" if "/" not in self.api_version else "/apis"
        parts = [root, self.api_version]
        if self.namespace is not None:
            parts += ["namespaces", quote(self.namespace, safe="")]
        parts.append(self.plural)
        if self.name is not None:
            parts.append(quote(self.name, safe=""))
        if self.subresource is not None:
            parts.append(self.subresource)
        return "/".join(parts)
