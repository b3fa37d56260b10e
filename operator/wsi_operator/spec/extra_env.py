"""Further environment variables, as the user gives them."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_operator.spec.fields import Fields
from wsi_operator.spec.invalid import InvalidSpec
from wsi_operator.spec.reference import Key, Reference


@dataclass(frozen=True, slots=True)
class ExtraVariable:
    """A name with a value, or with a key that holds it."""

    name: str
    value: str
    source: Key | None
    optional: bool

    @classmethod
    def of(cls, fields: Fields) -> ExtraVariable:
        """From an item of ``spec.extraEnv``."""
        name = fields.text("name")
        if not fields.has("valueFrom"):
            return cls(name, fields.maybe_text("value") or "", None, False)
        source = fields.object("valueFrom")
        if source.has("secretKeyRef"):
            ref = source.object("secretKeyRef")
            return cls(name, "", Key("Secret", ref.text("name"), ref.text("key")), ref.plain("optional") is True)
        if source.has("configMapKeyRef"):
            ref = source.object("configMapKeyRef")
            return cls(name, "", Key("ConfigMap", ref.text("name"), ref.text("key")), ref.plain("optional") is True)
        raise InvalidSpec(f"{source.path} must hold a secretKeyRef or a configMapKeyRef.")

    def reference(self) -> Reference | None:
        """What must exist for it."""
        if self.source is None:
            return None
        return Reference(self.source.kind, self.source.name, (self.source.key,), "extraEnv", awaited=not self.optional)


def extra_variables(fields: Fields) -> tuple[ExtraVariable, ...]:
    """All of them.

    Raises:
        InvalidSpec: a name is there twice.
    """
    found = tuple(ExtraVariable.of(item) for item in fields.objects("extraEnv"))
    names = [variable.name for variable in found]
    for name in names:
        if names.count(name) > 1:
            raise InvalidSpec(f"spec.extraEnv has {name} more than once: keep one of them.")
    return found
