"""Reading a spec field by field, so that what is missing or of another kind is named by its path."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wsi_operator.spec.invalid import InvalidSpec


@dataclass(frozen=True, slots=True)
class Fields:
    """An object of a spec and where it stands in it.

    All readers raise InvalidSpec for a value of another kind; a spec that was stored under an older CRD may hold one.
    """

    values: Mapping[str, Any]
    path: str

    def at(self, name: str) -> str:
        """The path of a field: ``spec.storage.bucket``."""
        return f"{self.path}.{name}"

    def has(self, name: str) -> bool:
        """Whether a field is given."""
        return self.values.get(name) is not None

    def text(self, name: str) -> str:
        """A text that must be there, though it may be empty."""
        found: str = self._typed(name, str, "a text")
        return found

    def maybe_text(self, name: str) -> str | None:
        """A text; None where it isn't given, or empty."""
        return (self.text(name) or None) if self.has(name) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, empty where it isn't given."""
        return tuple(self._each(name, str, "texts"))

    def integer(self, name: str) -> int:
        """A whole number that must be there."""
        if isinstance(self.values.get(name), bool):
            raise InvalidSpec(f"{self.at(name)} must be a whole number.")
        found: int = self._typed(name, int, "a whole number")
        return found

    def maybe_integer(self, name: str) -> int | None:
        """A whole number; None where it isn't given."""
        return self.integer(name) if self.has(name) else None

    def flag(self, name: str) -> bool:
        """True or false; it must be there."""
        found: bool = self._typed(name, bool, "true or false")
        return found

    def quantity(self, name: str) -> str:
        """A quantity as written: ``256Mi``, or a number."""
        value = self._typed(name, (str, int, float), "a quantity, such as 256Mi")
        return str(value)

    def object(self, name: str) -> Fields:
        """An object within; an empty one where it isn't given, so that each of its fields is named when it is missing."""
        if not self.has(name):
            return Fields({}, self.at(name))
        return Fields(self._typed(name, Mapping, "an object"), self.at(name))

    def objects(self, name: str) -> tuple[Fields, ...]:
        """A list of objects, empty where it isn't given."""
        found = self._each(name, Mapping, "objects")
        return tuple(Fields(item, f"{self.at(name)}[{number}]") for number, item in enumerate(found))

    def strings(self, name: str) -> dict[str, str]:
        """A map of texts, empty where it isn't given."""
        found = self.object(name).values
        if not all(isinstance(value, str) for value in found.values()):
            raise InvalidSpec(f"{self.at(name)} must hold texts alone: put numbers and true or false in quotes.")
        return dict(found)

    def plain(self, name: str) -> Any:
        """What Kubernetes itself reads (affinity, tolerations, peers, …), as it is; None where it isn't given."""
        return copy.deepcopy(self.values.get(name))

    def _each(self, name: str, kind: Any, words: str) -> list[Any]:
        found = self.values.get(name)
        if found is None:
            return []
        if not isinstance(found, list | tuple) or not all(isinstance(item, kind) for item in found):
            raise InvalidSpec(f"{self.at(name)} must be a list of {words}.")
        return list(found)

    def _typed(self, name: str, kind: Any, words: str) -> Any:
        value = self.values.get(name)
        if value is None:
            raise InvalidSpec(
                f"{self.at(name)} is missing: set it, or install the CRD of this operator's release, which has a default."
            )
        if not isinstance(value, kind):
            raise InvalidSpec(f"{self.at(name)} must be {words}.")
        return value
