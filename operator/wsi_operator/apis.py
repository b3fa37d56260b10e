"""Which kinds the cluster serves, and lets us have: some come with a Gateway API, an OpenShift or a Prometheus operator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wsi_operator.kube.address import Address
from wsi_operator.kube.client import KubeClient
from wsi_operator.kube.errors import Forbidden, NotFound, ServerError
from wsi_operator.resources.kinds import Kind
from wsi_operator.resources.labels import child_selector


class Apis:
    """Asked again in each round, since an API may be installed at any time."""

    def __init__(self, client: KubeClient, kinds: Iterable[Kind], namespaces: Sequence[str] = ()) -> None:
        self._client = client
        self._kinds = tuple(kinds)
        self._namespaces: tuple[str | None, ...] = tuple(namespaces) or (None,)
        self._served: frozenset[Kind] | None = None

    @property
    def served(self) -> tuple[Kind, ...]:
        """Those of our kinds that there are, in our order."""
        return tuple(kind for kind in self._kinds if self._served is None or kind in self._served)

    def kind(self, api_version: str, kind: str) -> Kind:
        """By its names."""
        return next(k for k in self._kinds if (k.api_version, k.kind) == (api_version, kind))

    def serves(self, kind: Kind) -> bool:
        """Whether the cluster has it."""
        return self._served is None or kind in self._served

    async def refresh(self) -> bool:
        """Ask; whether the answer is another than the last one. What can't be told now stays as it was told last.

        Raises:
            ApiError: the API server can't be worked with now.
        """
        optional = [kind for kind in self._kinds if kind.optional]
        usable = {kind for kind in optional if await self._is_usable(kind)}
        served = frozenset(kind for kind in self._kinds if not kind.optional or kind in usable)
        changed, self._served = served != self._served, served
        return changed

    async def _is_usable(self, kind: Kind) -> bool:
        try:
            return kind.plural in await self._client.resources(kind.api_version) and await self._may_list(kind)
        except ServerError:  # who serves this API (another server, behind the API server) is away
            return self._served is not None and kind in self._served

    async def _may_list(self, kind: Kind) -> bool:
        """One kind that must not be watched would end the watches of all."""
        for namespace in self._namespaces:  # the first ones may be gone, and our rights in them
            try:
                await self._client.list(Address(kind.api_version, kind.plural, namespace), child_selector())
            except (Forbidden, NotFound):
                continue
            return True
        return False
