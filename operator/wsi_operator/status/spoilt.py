"""A resource whose spec isn't understood: what it says and what its pods do is told, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wsi_operator.status.observation import Migration, MigrationState, Observation, Trouble


def spoilt(body: Mapping[str, Any], message: str) -> Observation:
    """Nothing of it is touched until the spec is mended; what was last told of its pods stays."""
    return Observation(
        generation=int(body["metadata"].get("generation") or 0),
        suspended=bool((body.get("spec") or {}).get("suspend")),
        trouble=Trouble("InvalidSpec", message),
        refusals=(),
        migration=Migration(MigrationState.NONE),
        tiles=None,
        indexer=None,
        failing=(),
        exit_code=None,
        scaling=None,
        catalog=None,
        silence="The spec is not understood, so the indexer is not asked.",
        url="",
        image="",
        job="",
        reindexed=None,
    )
