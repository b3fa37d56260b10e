"""Where the slides are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from wsi_operator.spec.fields import Fields
from wsi_operator.spec.invalid import InvalidSpec
from wsi_operator.spec.reference import Key


@dataclass(frozen=True, slots=True)
class Credentials:
    """Keys of one Secret."""

    access_key_id: Key
    secret_access_key: Key
    session_token: Key | None

    @classmethod
    def of(cls, fields: Fields) -> Credentials:
        """From ``spec.storage.credentialsSecretRef``."""
        return cls(
            Key.of_secret(fields, "accessKeyIdKey"),
            Key.of_secret(fields, "secretAccessKeyKey"),
            Key.of_secret(fields, "sessionTokenKey") if fields.has("sessionTokenKey") else None,
        )

    def keys(self) -> tuple[Key, ...]:
        """All of them."""
        required = (self.access_key_id, self.secret_access_key)
        return required if self.session_token is None else (*required, self.session_token)


@dataclass(frozen=True, slots=True)
class Storage:
    """A bucket of an object store that speaks S3."""

    bucket: str
    prefix: str
    endpoint: str | None
    """None is AWS."""

    region: str
    addressing: str
    credentials: Credentials | None
    """None: the pod's own identity."""

    service_account_annotations: Mapping[str, str]
    ca_bundle: Key | None
    timeout_seconds: int
    max_attempts: int

    @classmethod
    def of(cls, fields: Fields) -> Storage:
        """From ``spec.storage``."""
        endpoint = fields.maybe_text("endpoint")
        if endpoint is not None:
            _check_endpoint(endpoint, insecure=fields.flag("allowInsecure"))
        return cls(
            bucket=fields.text("bucket"),
            prefix=fields.text("prefix"),
            endpoint=endpoint,
            region=fields.text("region"),
            addressing=fields.text("addressingStyle"),
            credentials=Credentials.of(fields.object("credentialsSecretRef"))
            if fields.has("credentialsSecretRef")
            else None,
            service_account_annotations=fields.strings("serviceAccountAnnotations"),
            ca_bundle=Key.of_bundle(fields.object("caBundleRef")) if fields.has("caBundleRef") else None,
            timeout_seconds=fields.integer("timeoutSeconds"),
            max_attempts=fields.integer("maxAttempts"),
        )


def _check_endpoint(endpoint: str, *, insecure: bool) -> None:
    """As the services read it (objectstore's Address)."""
    try:
        url = urlsplit(endpoint)
        host, _ = url.hostname, url.port
    except ValueError:
        raise InvalidSpec("spec.storage.endpoint is not a URL: write https://host[:port].") from None
    if url.scheme not in ("http", "https") or not host or url.path.strip("/") or url.query or url.username:
        raise InvalidSpec("spec.storage.endpoint must be https://host[:port], without a path, query or credentials.")
    if url.scheme == "http" and not insecure:
        raise InvalidSpec(
            "spec.storage.endpoint is http, so that slides and signatures would travel unencrypted: use https, or set "
            "spec.storage.allowInsecure to true."
        )
