"""The Secrets and ConfigMaps that a spec names."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wsi_operator.kube.address import Address
from wsi_operator.kube.client import KubeClient
from wsi_operator.kube.errors import Forbidden, NotFound
from wsi_operator.spec.reference import Reference
from wsi_operator.spec.streamer import WSIStreamer

SIGNING_KEYS = "access.signingKeysSecretRef"
LEAST_KEY_BYTES = 16

_PLURALS = {"Secret": "secrets", "ConfigMap": "configmaps"}


@dataclass(frozen=True, slots=True)
class References:
    """What was found of them."""

    versions: Mapping[tuple[str, str], str]
    """(kind, name) -> resourceVersion. What isn't there is left out."""

    missing: tuple[str, ...]
    """A sentence for each that pods wait for."""


async def read_references(client: KubeClient, streamer: WSIStreamer) -> References:
    """Get each once, by its name."""
    bodies: dict[tuple[str, str], Mapping[str, Any] | None] = {}
    missing = []
    for reference in streamer.references():
        at = (reference.kind, reference.name)
        sentence = None
        if at not in bodies:
            try:
                bodies[at] = await client.get(Address("v1", _PLURALS[at[0]], streamer.namespace, at[1]))
            except NotFound:
                bodies[at] = None
            except Forbidden as error:
                bodies[at] = None
                sentence = f"{_named(reference)} can't be read: {error.message}"
        sentence = sentence or complaint(reference, bodies[at])
        if sentence and reference.awaited:
            missing.append(sentence)
    versions = {at: str(body["metadata"]["resourceVersion"]) for at, body in bodies.items() if body is not None}
    return References(versions, tuple(missing))


def complaint(reference: Reference, body: Mapping[str, Any] | None) -> str | None:
    """What is wrong with it, and what to do; None when nothing is. Values are never looked at, but for being there."""
    if body is None:
        keys = f" with the key {_listed(reference.keys)}" if reference.keys else ""
        return f"{_named(reference)} is not there: create it{keys}, or name another."
    data = {**(body.get("data") or {}), **(body.get("binaryData") or {})}
    lacks = [key for key in reference.keys if not data.get(key)]
    if not lacks:
        return _too_short(reference, data) if reference.field == SIGNING_KEYS else None
    return f"{_named(reference)} has no value for the key {_listed(lacks)}: add it, or name another key."


def _too_short(reference: Reference, data: Mapping[str, Any]) -> str | None:
    """Whoever guesses a key signs links to every slide: of these values the length is looked at."""
    given = base64.b64decode(str(data[reference.keys[0]])).split(b",")
    if all(len(key.strip()) >= LEAST_KEY_BYTES for key in given if key.strip()):
        return None
    return (
        f"{_named(reference)} holds a key of less than {LEAST_KEY_BYTES} characters, which can be guessed: make one by "
        "'openssl rand -hex 32'."
    )


def _named(reference: Reference) -> str:
    return f"The {reference.kind} '{reference.name}' ({reference.field})"


def _listed(keys: tuple[str, ...] | list[str]) -> str:
    return " and ".join(f"'{key}'" for key in keys)
