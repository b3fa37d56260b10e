"""Which image the pods run."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_operator.spec.fields import Fields
from wsi_operator.spec.invalid import InvalidSpec


@dataclass(frozen=True, slots=True)
class Image:
    """An image of the services that this resource chose itself, not the operator's default."""

    repository: str
    """``registry.example.org/wsi-streamer``"""

    tag: str | None
    digest: str | None
    """``sha256:…``; with it the tag is for people alone."""

    pull_policy: str
    pull_secrets: tuple[str, ...]

    @classmethod
    def of(cls, fields: Fields) -> Image:
        """From ``spec.image``."""
        tag, digest = fields.maybe_text("tag"), fields.maybe_text("digest")
        if tag is None and digest is None:
            raise InvalidSpec("spec.image needs a tag or a digest: add spec.image.digest (sha256:…) or spec.image.tag.")
        return cls(fields.text("repository"), tag, digest, fields.text("pullPolicy"), fields.texts("pullSecrets"))

    def __str__(self) -> str:
        """As a container names it."""
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.repository}{tag}{digest}"
