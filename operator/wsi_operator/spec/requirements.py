"""What a container asks of its node, and may use of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from wsi_operator.spec.fields import Fields
from wsi_operator.spec.invalid import InvalidSpec
from wsi_operator.spec.quantity import amount, canonical


@dataclass(frozen=True, slots=True)
class Requirements:
    """Quantities in the form the API server writes them."""

    requests: Mapping[str, str]
    limits: Mapping[str, str]

    @classmethod
    def of(cls, fields: Fields) -> Requirements:
        """From a ``resources``."""
        found = cls(_quantities(fields.object("requests")), _quantities(fields.object("limits")))
        for name in sorted(found.requests.keys() & found.limits.keys()):
            request, limit = found.requests[name], found.limits[name]
            if amount(request, name) > amount(limit, name):
                raise InvalidSpec(
                    f"{fields.at('requests')}.{name} ({request}) is more than {fields.at('limits')}.{name} ({limit}): raise "
                    "the limit, or ask for less."
                )
        return found

    def limit(self, name: str) -> Decimal | None:
        """``cpu`` in cores, ``memory`` in bytes; None: no limit."""
        return amount(self.limits[name], name) if name in self.limits else None

    def requested(self, name: str) -> Decimal | None:
        """As the scheduler counts it: without a request the limit is taken."""
        return amount(self.requests[name], name) if name in self.requests else self.limit(name)


def _quantities(fields: Fields) -> dict[str, str]:
    return {name: canonical(fields.quantity(name), fields.at(name)) for name in fields.values}
