"""The Postgres of the catalog and the audit log."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_operator.spec.fields import Fields
from wsi_operator.spec.reference import Key


@dataclass(frozen=True, slots=True)
class Database:
    """Its URLs, each in a Secret."""

    url: Key
    """By the services' own user."""

    owner_url: Key | None
    """By the user that owns the tables; None: the services' user does."""

    ca_bundle: Key | None
    pool_size: int
    """Connections that each pod keeps."""

    pgbouncer: bool

    @classmethod
    def of(cls, fields: Fields) -> Database:
        """From ``spec.database``."""
        owner = fields.object("ownerUrlSecretRef")
        return cls(
            url=Key.of_secret(fields.object("urlSecretRef")),
            owner_url=Key.of_secret(owner) if fields.has("ownerUrlSecretRef") else None,
            ca_bundle=Key.of_bundle(fields.object("caBundleRef")) if fields.has("caBundleRef") else None,
            pool_size=fields.integer("poolSize"),
            pgbouncer=fields.flag("pgbouncer"),
        )
