"""All that a spec names in its namespace."""

from __future__ import annotations

from collections.abc import Iterator

from wsi_operator.spec.access import Access
from wsi_operator.spec.database import Database
from wsi_operator.spec.exposure import Exposure
from wsi_operator.spec.extra_env import ExtraVariable
from wsi_operator.spec.image import Image
from wsi_operator.spec.reference import Key, Reference
from wsi_operator.spec.storage import Storage


def references_of(
    *,
    storage: Storage,
    database: Database,
    access: Access,
    exposure: Exposure,
    image: Image | None,
    extra_env: tuple[ExtraVariable, ...],
) -> tuple[Reference, ...]:
    """Each field's, in the order of the spec."""
    pull_secrets = () if image is None else image.pull_secrets
    return (
        *(Reference("Secret", name, (), "image.pullSecrets", awaited=False) for name in pull_secrets),
        *_storage(storage),
        *_keys(
            ("database.urlSecretRef", database.url),
            ("database.ownerUrlSecretRef", database.owner_url),
            ("database.caBundleRef", database.ca_bundle),
            ("access.signingKeysSecretRef", access.signing_keys),
        ),
        *_access(access),
        *_exposure(exposure),
        *(found for variable in extra_env if (found := variable.reference()) is not None),
    )


def _storage(storage: Storage) -> Iterator[Reference]:
    credentials = storage.credentials
    if credentials is not None:
        keys = credentials.keys()
        yield Reference("Secret", keys[0].name, tuple(key.key for key in keys), "storage.credentialsSecretRef")
    yield from _keys(("storage.caBundleRef", storage.ca_bundle))


def _access(access: Access) -> Iterator[Reference]:
    if access.oidc is not None:
        yield from _keys(
            ("access.oidc.clientSecretRef", access.oidc.client_secret),
            ("access.oidc.caBundleRef", access.oidc.ca_bundle),
        )


def _exposure(exposure: Exposure) -> Iterator[Reference]:
    if exposure.tls_secret is not None and exposure.way in ("Ingress", "Route"):
        # Whoever makes certificates may wait for the Ingress.
        yield Reference("Secret", exposure.tls_secret, ("tls.crt", "tls.key"), "exposure.tlsSecretName", awaited=False)


def _keys(*found: tuple[str, Key | None]) -> Iterator[Reference]:
    for field, key in found:
        if key is not None:
            yield key.reference(field)
