"""Addresses within the cluster."""

from __future__ import annotations

from wsi_operator.resources.affinity_annotations import service_annotations
from wsi_operator.resources.kinds import SERVICE
from wsi_operator.resources.labels import Component, Manifest, child, selector
from wsi_operator.resources.names import indexer_name, tiles_name
from wsi_operator.resources.ports import ADMIN, ADMIN_PORT, HTTP, HTTP_PORT, SERVICE_PORT, service_port
from wsi_operator.spec.streamer import WSIStreamer


def public_service(streamer: WSIStreamer) -> Manifest:
    """What ingresses name. The public port alone: what stands in front can't reach the admin port by it."""
    return child(
        streamer,
        SERVICE,
        streamer.name,
        component=Component.TILES,
        annotations=service_annotations(streamer.spec.exposure),
        spec={
            "type": "ClusterIP",
            "selector": selector(streamer, Component.TILES),
            "ports": [service_port(HTTP, SERVICE_PORT, HTTP)],
        },
    )


def tiles_service(streamer: WSIStreamer) -> Manifest:
    """Headless: DNS names each worker, for a proxy that sends all requests of a slide to one of them, and for metrics."""
    return child(
        streamer,
        SERVICE,
        tiles_name(streamer.name),
        component=Component.TILES,
        spec={
            "type": "ClusterIP",
            "clusterIP": "None",
            "selector": selector(streamer, Component.TILES),
            "ports": [service_port(HTTP, HTTP_PORT, HTTP), service_port(ADMIN, ADMIN_PORT, ADMIN)],
        },
    )


def indexer_service(streamer: WSIStreamer) -> Manifest:
    """The admin API, for the operator and for an object store's notifications."""
    return child(
        streamer,
        SERVICE,
        indexer_name(streamer.name),
        component=Component.INDEXER,
        spec={
            "type": "ClusterIP",
            "selector": selector(streamer, Component.INDEXER),
            "ports": [service_port(ADMIN, ADMIN_PORT, ADMIN)],
        },
    )
