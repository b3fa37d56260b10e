"""Secrets and ConfigMaps that a spec names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wsi_operator.spec.fields import Fields
from wsi_operator.spec.invalid import InvalidSpec

Source = Literal["Secret", "ConfigMap"]


@dataclass(frozen=True, slots=True)
class Reference:
    """What must exist in the resource's namespace before pods can use it."""

    kind: Source
    name: str
    keys: tuple[str, ...]
    """Which it must have."""

    field: str
    """Where the spec names it: ``storage.credentialsSecretRef``."""

    awaited: bool = True
    """False: nothing waits for it. A TLS Secret may be made for an Ingress that exists (cert-manager does so), a pull
    secret may be needless, and a value may be marked optional."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a Secret or ConfigMap."""

    kind: Source
    name: str
    key: str

    @classmethod
    def of_secret(cls, fields: Fields, key_field: str = "key") -> Key:
        """From ``{name, key}``."""
        return cls("Secret", _name(fields), fields.text(key_field))

    @classmethod
    def of_bundle(cls, fields: Fields) -> Key:
        """From ``{kind, name, key}``: a CA bundle in PEM."""
        kind = fields.text("kind")
        if kind not in ("Secret", "ConfigMap"):
            raise InvalidSpec(f"{fields.at('kind')} must be ConfigMap or Secret.")
        return cls("Secret" if kind == "Secret" else "ConfigMap", _name(fields), fields.text("key"))

    def reference(self, field: str) -> Reference:
        """As something that must exist."""
        return Reference(self.kind, self.name, (self.key,), field)


def _name(fields: Fields) -> str:
    name = fields.text("name")
    if not name:
        raise InvalidSpec(f"{fields.at('name')} is empty: name a Secret or ConfigMap of this namespace.")
    return name
