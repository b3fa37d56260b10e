from __future__ import annotations

from typing import Any, cast

import pytest

from tests.unit.operator.samples import INGRESS, MINIMAL, body_of, streamer_of
from wsi_operator.apis import Apis
from wsi_operator.indexer_api import IndexerApi
from wsi_operator.kube.address import Address
from wsi_operator.kube.client import KubeClient
from wsi_operator.metrics import Metrics
from wsi_operator.reconcile.memory import Memory
from wsi_operator.reconcile.visit import Visit
from wsi_operator.reconcile.wording import by_fields, tells_of_wrong_url
from wsi_operator.resources.kinds import KINDS
from wsi_operator.settings import OperatorSettings
from wsi_operator.status.observation import Migration, MigrationState
from wsi_operator.status.status import status_of
from wsi_streamer.settings import InvalidSettings, Settings

FINE = "postgresql://u:p@h/d"


@pytest.mark.parametrize("url", ["mysql://u:p@h/d", "garbage", "postgresql://h:port/d"])
@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("database_url", "spec.database.urlSecretRef (the key 'uri' of the Secret 'slides-db-app')"),
        ("database_owner_url", "spec.database.ownerUrlSecretRef (the key 'url' of the Secret 'slides-db-owner')"),
    ],
)
def test_what_the_services_say_of_a_url_names_the_field_and_the_secret(url: str, setting: str, named: str) -> None:
    with pytest.raises(InvalidSettings) as refused:
        Settings(**{"s3_bucket": "slides", "database_url": FINE, setting: url})  # type: ignore[arg-type]
    assert tells_of_wrong_url(refused.value.message)
    said = by_fields(refused.value.message, streamer_of(INGRESS).spec.database)
    assert said.startswith(f"{named} must be postgresql://")
    assert "WSI_DATABASE" not in said


def test_other_words_stay() -> None:
    database = streamer_of(MINIMAL).spec.database
    assert by_fields("no such host", database) == "no such host"
    assert not tells_of_wrong_url("no such host")


class Pods:
    """An API server with one pod, of a migration."""

    def __init__(self, said: str) -> None:
        ended = {"terminated": {"exitCode": 1, "message": f"Error: {said}\n"}}
        self.pod = {
            "metadata": {"labels": {"app.kubernetes.io/component": "migrate"}},
            "status": {"phase": "Failed", "containerStatuses": [{"state": ended}]},
        }

    async def list(self, address: Address, labels: str = "") -> tuple[dict[str, Any], ...]:
        assert address.plural == "pods"
        return (self.pod,)


async def test_the_status_names_them_too() -> None:
    streamer, body = streamer_of(MINIMAL), body_of(MINIMAL)
    client = cast("KubeClient", Pods("WSI_DATABASE_URL must be postgresql://user:password@host/database."))
    settings = OperatorSettings.of({"WSI_OPERATOR_IMAGE": "i:1"})
    visit = Visit(settings, client, Apis(client, KINDS), Metrics(), IndexerApi(), streamer, Memory("u"))
    visit._migration = Migration(MigrationState.RUNNING)
    conditions = {c["type"]: c for c in status_of(await visit.observation(body), {}, "now")["conditions"]}
    ready, database = conditions["Ready"], conditions["DatabaseReachable"]
    assert (database["status"], database["reason"]) == ("False", "DatabaseUrlInvalid")
    for message in (ready["message"], database["message"]):
        assert (
            "spec.database.urlSecretRef (the key 'uri' of the Secret 'slides-db-app') must be postgresql://" in message
        )
