"""How people outside the cluster get in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from wsi_operator.spec.fields import Fields
from wsi_operator.spec.invalid import InvalidSpec

Way = Literal["None", "Ingress", "Gateway", "Route"]
_WAYS: dict[str, Way] = {"None": "None", "Ingress": "Ingress", "Gateway": "Gateway", "Route": "Route"}


@dataclass(frozen=True, slots=True)
class GatewayRef:
    """A listener of a Gateway that the platform team runs."""

    name: str
    namespace: str | None
    """None: the resource's own."""

    section_name: str

    @classmethod
    def of(cls, fields: Fields) -> GatewayRef:
        """From ``spec.exposure.gatewayRef``."""
        return cls(fields.text("name"), fields.maybe_text("namespace"), fields.text("sectionName"))


@dataclass(frozen=True, slots=True)
class Exposure:
    """One way in, or none of ours."""

    way: Way
    host: str | None
    """With None it is where a proxy of the user's own serves."""

    class_name: str | None
    tls_secret: str | None
    gateway: GatewayRef | None
    annotations: Mapping[str, str]

    @classmethod
    def of(cls, fields: Fields) -> Exposure:
        """From ``spec.exposure``."""
        way = _WAYS.get(fields.text("type"))
        if way is None:
            raise InvalidSpec("spec.exposure.type must be None, Ingress, Gateway or Route.")
        found = cls(
            way=way,
            host=fields.maybe_text("host"),
            class_name=fields.maybe_text("className"),
            tls_secret=fields.maybe_text("tlsSecretName"),
            gateway=GatewayRef.of(fields.object("gatewayRef")) if fields.has("gatewayRef") else None,
            annotations=fields.strings("annotations"),
        )
        if way != "None" and found.host is None:
            raise InvalidSpec(
                f"spec.exposure.type {way} needs spec.exposure.host: the name that users open, slides.example.org."
            )
        if way == "Ingress" and found.tls_secret is None:
            raise InvalidSpec(
                "spec.exposure.type Ingress needs spec.exposure.tlsSecretName: links must not travel in the clear."
            )
        if way == "Gateway" and found.gateway is None:
            raise InvalidSpec(
                "spec.exposure.type Gateway needs spec.exposure.gatewayRef, with an https listener as sectionName."
            )
        return found

    def url(self) -> str | None:
        """What users open."""
        return None if self.host is None else f"https://{self.host}"
