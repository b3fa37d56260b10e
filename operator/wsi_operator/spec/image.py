"""Which image the pods run."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_operator.spec.fields import Fields
from wsi_operator.spec.invalid import InvalidSpec


@dataclass(frozen=True, slots=True)
class Image:
    """What this resource says of the services' image: another one than the operator's default, or how that one is pulled."""

    repository: str | None
    """``registry.example.org/wsi-streamer``; None: the operator's default image, tag and digest included."""

    tag: str | None
    digest: str | None
    """``sha256:…``; with it the tag is for people alone."""

    pull_policy: str
    pull_secrets: tuple[str, ...]

    @classmethod
    def of(cls, fields: Fields) -> Image:
        """From ``spec.image``."""
        repository = fields.maybe_text("repository")
        tag, digest = fields.maybe_text("tag"), fields.maybe_text("digest")
        named = tag is not None or digest is not None
        if repository is not None and not named:
            raise InvalidSpec("spec.image needs a tag or a digest: add spec.image.digest (sha256:…) or spec.image.tag.")
        if repository is None and named:
            raise InvalidSpec("spec.image.repository is missing: say where the image with this tag or digest is.")
        return cls(repository, tag, digest, fields.text("pullPolicy"), fields.texts("pullSecrets"))

    def name(self, default: str) -> str:
        """As a container names it; ``default`` where only pulling is spoken of."""
        if self.repository is None:
            return default
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.repository}{tag}{digest}"
