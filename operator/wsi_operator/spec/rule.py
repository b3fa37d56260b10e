"""Who may do what, by the claims of an identity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wsi_operator.spec.fields import Fields
from wsi_operator.spec.invalid import InvalidSpec

VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Rule:
    """What those get whose claim has a value (README, Identities)."""

    claim: str
    value: str
    roles: tuple[str, ...]
    prefixes: tuple[str, ...]
    prefixes_claim: str | None
    permissions: tuple[str, ...]

    @classmethod
    def of(cls, fields: Fields) -> Rule:
        """From an item of ``spec.access.oidc.rules``."""
        found = cls(
            fields.text("claim"),
            fields.text("value"),
            fields.texts("roles"),
            fields.texts("prefixes"),
            fields.maybe_text("prefixesClaim"),
            fields.texts("permissions"),
        )
        slides = bool(found.prefixes or found.prefixes_claim)
        if VIEWER not in found.roles and (slides or found.permissions):
            raise InvalidSpec(
                f"{fields.path}: permissions and prefixes are a viewer's: add the role viewer, or leave them out."
            )
        if found.permissions and not slides:
            raise InvalidSpec(
                f'{fields.path}: permissions without slides: say for which by prefixes ([""] is every slide).'
            )
        return found

    def as_setting(self) -> dict[str, Any]:
        """As the services read it from JSON; what isn't given stays out."""
        said = {
            "claim": self.claim,
            "value": self.value,
            "roles": list(self.roles),
            "prefixes": list(self.prefixes),
            "prefixes_claim": self.prefixes_claim,
            "permissions": list(self.permissions),
        }
        return {name: value for name, value in said.items() if value}
