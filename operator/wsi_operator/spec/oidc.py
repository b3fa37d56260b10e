"""Identities from an OpenID Connect provider."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_operator.spec.fields import Fields
from wsi_operator.spec.invalid import InvalidSpec
from wsi_operator.spec.reference import Key
from wsi_operator.spec.rule import Rule, check_mixtures


@dataclass(frozen=True, slots=True)
class Oidc:
    """A provider, what we are to it, and who may do what."""

    issuer: str
    client_id: str | None
    """None: nobody signs in here, only bearer tokens count."""

    client_secret: Key | None
    audiences: tuple[str, ...]
    """Empty: the client id."""

    scopes: tuple[str, ...]
    """Empty: the services' default."""

    rules: tuple[Rule, ...]
    leeway_seconds: int
    ca_bundle: Key | None
    session_hours: int

    @classmethod
    def of(cls, fields: Fields) -> Oidc:
        """From ``spec.access.oidc``."""
        found = cls(
            issuer=fields.text("issuer"),
            client_id=fields.maybe_text("clientId"),
            client_secret=Key.of_secret(fields.object("clientSecretRef")) if fields.has("clientSecretRef") else None,
            audiences=fields.texts("audience"),
            scopes=fields.texts("scopes"),
            rules=tuple(Rule.of(item) for item in fields.objects("rules")),
            leeway_seconds=fields.integer("leewaySeconds"),
            ca_bundle=Key.of_bundle(fields.object("caBundleRef")) if fields.has("caBundleRef") else None,
            session_hours=fields.integer("sessionHours"),
        )
        found._check(fields.path)
        check_mixtures(found.rules, fields.at("rules"))
        return found

    def accepted_audiences(self) -> tuple[str, ...]:
        """For whom a bearer token may be."""
        return self.audiences or ((self.client_id,) if self.client_id else ())

    def _check(self, path: str) -> None:
        if not self.accepted_audiences():
            raise InvalidSpec(f"{path} needs a clientId, or an audience: else no token could ever be for this service.")
        if self.client_secret is not None and self.client_id is None:
            raise InvalidSpec(
                f"{path}.clientSecretRef is of no use without {path}.clientId: set it, or leave both out."
            )
        if self.client_id is not None and self.scopes and "openid" not in self.scopes:
            raise InvalidSpec(f"{path}.scopes must hold openid: without it there is no ID token.")
        for name, values in (("audience", self.audiences), ("scopes", self.scopes)):
            if any("," in value or not value.strip() for value in values):
                raise InvalidSpec(f"{path}.{name} must not hold commas or blanks: write each as an item of the list.")
