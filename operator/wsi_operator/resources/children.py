"""All that a ``WSIStreamer`` is made of."""

from __future__ import annotations

from wsi_operator.resources.access_config_map import access_config_map
from wsi_operator.resources.admin_secret import admin_secret
from wsi_operator.resources.audit_cron_job import audit_cron_job
from wsi_operator.resources.autoscaler import autoscaler
from wsi_operator.resources.disruption_budget import disruption_budget
from wsi_operator.resources.http_route import http_route
from wsi_operator.resources.indexer_deployment import indexer_deployment
from wsi_operator.resources.ingress import ingress
from wsi_operator.resources.labels import Manifest
from wsi_operator.resources.migration_job import migration_job
from wsi_operator.resources.network_policies import network_policies
from wsi_operator.resources.openshift_route import openshift_route
from wsi_operator.resources.prometheus_rule import prometheus_rule
from wsi_operator.resources.service_account import service_account
from wsi_operator.resources.service_monitor import service_monitor
from wsi_operator.resources.services import indexer_service, public_service, tiles_service
from wsi_operator.resources.situation import Situation
from wsi_operator.resources.tile_deployment import tile_deployment
from wsi_operator.spec.streamer import WSIStreamer

__all__ = ["admin_secret", "desired", "foundation", "migration_job"]


def foundation(streamer: WSIStreamer, situation: Situation) -> tuple[Manifest, ...]:
    """What must be there before any pod, the migration's too; `desired` begins with it."""
    return _there(service_account(streamer), access_config_map(streamer), *network_policies(streamer, situation))


def desired(streamer: WSIStreamer, situation: Situation) -> tuple[Manifest, ...]:
    """Every child but the admin Secret, which is made once, and the migration's Job, which comes before the Deployments;
    what others need stands first. The same arguments give the same manifests, which belong to the caller."""
    return (
        *foundation(streamer, situation),
        *_there(
            public_service(streamer),
            tiles_service(streamer),
            indexer_service(streamer),
            disruption_budget(streamer),
            indexer_deployment(streamer, situation),
            tile_deployment(streamer, situation),
            autoscaler(streamer),
            ingress(streamer),
            http_route(streamer),
            openshift_route(streamer),
            audit_cron_job(streamer, situation),
            service_monitor(streamer),
            prometheus_rule(streamer),
        ),
    )


def _there(*found: Manifest | None) -> tuple[Manifest, ...]:
    return tuple(manifest for manifest in found if manifest is not None)
