"""A ``WSIStreamer``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wsi_operator.spec.access import Access
from wsi_operator.spec.database import Database
from wsi_operator.spec.exposure import Exposure
from wsi_operator.spec.extra_env import ExtraVariable, extra_variables
from wsi_operator.spec.fields import Fields
from wsi_operator.spec.image import Image
from wsi_operator.spec.indexer import Indexer
from wsi_operator.spec.invalid import InvalidSpec
from wsi_operator.spec.monitoring import Monitoring
from wsi_operator.spec.network_policy import NetworkPolicySpec
from wsi_operator.spec.reference import Reference
from wsi_operator.spec.references import references_of
from wsi_operator.spec.scheduling import Scheduling
from wsi_operator.spec.storage import Storage
from wsi_operator.spec.tiles import Tiles

API_VERSION = "wsistreamer.io/v1alpha1"
KIND = "WSIStreamer"

_NAME = re.compile(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?")
"""Names of Services begin with a letter; 40 leave room for ``-migrate-`` and a hash in 63."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What was asked for."""

    suspend: bool
    image: Image | None
    """None: the operator's default."""

    storage: Storage
    database: Database
    indexer: Indexer
    tiles: Tiles
    access: Access
    expose_label: bool
    expose_macro: bool
    exposure: Exposure
    network_policy: NetworkPolicySpec | None
    monitoring: Monitoring
    reindex_request: str | None
    scheduling: Scheduling
    extra_env: tuple[ExtraVariable, ...]

    @classmethod
    def of(cls, fields: Fields) -> Spec:
        """From ``spec``."""
        associated = fields.object("associatedImages")
        found = cls(
            suspend=fields.flag("suspend"),
            image=Image.of(fields.object("image")) if fields.has("image") else None,
            storage=Storage.of(fields.object("storage")),
            database=Database.of(fields.object("database")),
            indexer=Indexer.of(fields.object("indexer")),
            tiles=Tiles.of(fields.object("tiles")),
            access=Access.of(fields.object("access")),
            expose_label=associated.flag("exposeLabel"),
            expose_macro=associated.flag("exposeMacro"),
            exposure=Exposure.of(fields.object("exposure")),
            network_policy=NetworkPolicySpec.of(fields.object("networkPolicy")),
            monitoring=Monitoring.of(fields.object("monitoring")),
            reindex_request=fields.maybe_text("reindexRequest"),
            scheduling=Scheduling.of(fields),
            extra_env=extra_variables(fields),
        )
        oidc = found.access.oidc
        if oidc is not None and oidc.client_id is not None and found.exposure.host is None:
            raise InvalidSpec(
                "To sign in, users must come back to this service: set spec.exposure.host (with spec.exposure.type None too, "
                "where a proxy of your own serves), or leave spec.access.oidc.clientId out and set audience."
            )
        return found


@dataclass(frozen=True, slots=True)
class WSIStreamer:
    """One resource as it is stored."""

    name: str
    namespace: str
    uid: str
    generation: int
    annotations: Mapping[str, str]
    spec: Spec

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> WSIStreamer:
        """From an object as the API server hands it out.

        Raises:
            InvalidSpec: one sentence that says what to mend.
        """
        metadata = body["metadata"]
        name = str(metadata["name"])
        if _NAME.fullmatch(name) is None:
            raise InvalidSpec(
                f"The name '{name}' can't be used: make it 40 characters at most, lower-case letters, digits and -, a letter first."
            )
        return cls(
            name=name,
            namespace=str(metadata["namespace"]),
            uid=str(metadata["uid"]),
            generation=int(metadata.get("generation", 0)),
            annotations=dict(metadata.get("annotations") or {}),
            spec=Spec.of(Fields(body.get("spec") or {}, "spec")),
        )

    def references(self) -> tuple[Reference, ...]:
        """The Secrets and ConfigMaps it names, each field's once, in the order of the spec."""
        spec = self.spec
        return references_of(
            storage=spec.storage,
            database=spec.database,
            access=spec.access,
            exposure=spec.exposure,
            image=spec.image,
            extra_env=spec.extra_env,
        )
