"""Who may do what, by the claims of an identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from wsi_operator.spec.fields import Fields
from wsi_operator.spec.invalid import InvalidSpec

VIEWER, TILES, DOWNLOAD, GRANT = "viewer", "tiles", "download", "grant"
_IN_A_FILE = frozenset({TILES, "metadata", "label", "macro", DOWNLOAD})
"""What whoever may download the file may do as well."""


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
        found._check(fields.path)
        return found

    def _check(self, path: str) -> None:
        if not self.claim or not self.value:
            raise InvalidSpec(f"{path}: claim and value must not be empty; the value * stands for any.")
        if not self.roles:
            raise InvalidSpec(f"{path} gives nothing: add roles, of viewer, auditor and admin.")
        if VIEWER not in self.roles and (self.has_slides() or self.permissions):
            raise InvalidSpec(
                f"{path}: permissions and prefixes are a viewer's: add the role viewer, or leave them out."
            )
        if self.permissions and not self.has_slides():
            raise InvalidSpec(f'{path}: permissions without slides: say for which by prefixes ([""] is every slide).')

    def has_slides(self) -> bool:
        """Whether it lets anyone see any."""
        return bool(self.prefixes or self.prefixes_claim)

    def gives(self) -> frozenset[str]:
        """Its permissions, with those that follow from them."""
        found = frozenset(self.permissions) | {TILES}
        return found | _IN_A_FILE if DOWNLOAD in found else found

    def contains(self, other: Rule) -> bool:
        """Whether it gives all that another does, for all of that one's slides."""
        if not self.gives() >= other.gives():
            return False
        if "" in self.prefixes:
            return True
        same_claim = other.prefixes_claim in (None, self.prefixes_claim)
        return same_claim and all(prefix.startswith(self.prefixes) for prefix in other.prefixes)

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


def check_mixtures(rules: Sequence[Rule], path: str) -> None:
    """The services refuse rules that would lend each other permissions or slides, and would not start.

    Raises:
        InvalidSpec: it names the two.
    """
    numbered = [(number, rule) for number, rule in enumerate(rules) if rule.has_slides()]
    for (first, one), (second, other) in combinations(numbered, 2):
        same_slides = (set(one.prefixes), one.prefixes_claim) == (set(other.prefixes), other.prefixes_claim)
        if same_slides or one.gives() == other.gives() or one.contains(other) or other.contains(one):
            continue
        raise InvalidSpec(
            f"{path}[{first}] and {path}[{second}] give different permissions for different slides: whoever matches both would "
            "get the permissions of one for the slides of the other. Give both the same permissions, or let one give all that "
            "the other does."
        )
