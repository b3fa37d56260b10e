"""Alerts that are worth waking somebody, or telling them in the morning. Few, and each about what users or auditors would
notice; metrics are telemetry/metrics.py's."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_operator.resources.names import indexer_name, tiles_name
from wsi_operator.spec.streamer import WSIStreamer

CRITICAL, WARNING = "critical", "warning"


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule."""

    name: str
    expression: str
    minutes: int
    """How long it must hold."""

    severity: str
    summary: str
    description: str
    """What to look at, in sentences."""


def alerts(streamer: WSIStreamer) -> tuple[Alert, ...]:
    """Of a resource that isn't suspended.

    A ServiceMonitor's job is the Service's name. Without one of ours nobody knows what the job is called: then alerts are about
    all of the namespace, and that no metrics come at all means nothing.
    """
    is_ours = streamer.spec.monitoring.service_monitor is not None
    where = f'namespace="{streamer.namespace}"'
    tiles, indexer, both = where, where, where
    if is_ours:
        names = tiles_name(streamer.name), indexer_name(streamer.name)
        tiles, indexer = (f'{where},job="{name}"' for name in names)
        both = f'{where},job=~"{"|".join(names)}"'
    found = _alerts(f"{streamer.namespace}/{streamer.name}", tiles, indexer, both)
    return (_down(streamer, tiles), *found) if is_ours else found


def _down(streamer: WSIStreamer, tiles: str) -> Alert:
    return Alert(
        "WSIStreamerDown",
        f"absent(up{{{tiles}}} == 1)",
        5,
        CRITICAL,
        f"No tile worker of {streamer.namespace}/{streamer.name} answers.",
        f"Nobody sees slides. Look at: kubectl -n {streamer.namespace} describe wsi {streamer.name}",
    )


def _alerts(name: str, tiles: str, indexer: str, both: str) -> tuple[Alert, ...]:
    return (
        Alert(
            "WSIStreamerErrors",
            f'sum(rate(wsi_http_requests_total{{{tiles},status=~"5.."}}[5m]))'
            f" / sum(rate(wsi_http_requests_total{{{tiles}}}[5m])) > 0.05",
            10,
            CRITICAL,
            f"More than 5 % of the answers of {name} are errors.",
            "502 is the object store, 503 Postgres, the audit log or too much to re-encode: wsi_s3_requests_total by status, the "
            "conditions of the resource and the workers' logs say which.",
        ),
        Alert(
            "WSIStreamerSlow",
            f'histogram_quantile(0.95, sum by (le) (rate(wsi_http_request_seconds_bucket{{{tiles},route="tile"}}[5m]))) > 1',
            15,
            WARNING,
            f"One tile of {name} in twenty takes more than a second.",
            "Compare wsi_s3_request_seconds (the store), wsi_transcode_waiting (CPU) and the share of hits in wsi_tile_cache_total.",
        ),
        Alert(
            "WSIStreamerStorageFailing",
            f'sum(rate(wsi_s3_requests_total{{{both},status=~"none|403|5.."}}[5m]))'
            f" / sum(rate(wsi_s3_requests_total{{{both}}}[5m])) > 0.2",
            10,
            WARNING,
            f"The object store of {name} fails more than a fifth of its requests.",
            "403: credentials or policy. none: it can't be reached, or its certificate isn't trusted. 5xx: its own trouble.",
        ),
        Alert(
            "WSIStreamerScansFail",
            f'sum(increase(wsi_scans_total{{{indexer},outcome="failed"}}[6h])) > 0'
            f' unless sum(increase(wsi_scans_total{{{indexer},outcome="done"}}[6h])) > 0',
            15,
            WARNING,
            f"{name} could not look for new slides for hours.",
            "New slides don't appear. The condition StorageReachable and the indexer's log say why.",
        ),
        Alert(
            "WSIStreamerIndexStuck",
            f"max(wsi_index_backlog{{{indexer}}}) > 0 and sum(increase(wsi_index_jobs_total{{{indexer}}}[1h])) == 0",
            30,
            WARNING,
            f"Slides of {name} wait to be indexed, and none is.",
            "The indexer's log says what it waits for; indexer.resources.limits.memory may be too low for its largest slides.",
        ),
        Alert(
            "WSIStreamerAuditLost",
            f'sum(increase(wsi_audit_records_total{{{both},result="lost"}}[15m])) > 0',
            0,
            CRITICAL,
            f"Records of who saw what in {name} were lost.",
            "Neither Postgres nor the spool took them: mend Postgres, and give access.audit.spoolVolume more room.",
        ),
        Alert(
            "WSIStreamerAuditSpooling",
            f'sum(increase(wsi_audit_records_total{{{both},result="spooled"}}[15m])) > 0',
            30,
            WARNING,
            f"{name} keeps its audit log on disk, because Postgres doesn't take it.",
            "The records are delivered once Postgres is back. Unless access.audit.spoolVolume names a claim, they end with their pod.",
        ),
        Alert(
            "WSIStreamerClock",
            f"max(abs(wsi_clock_offset_seconds{{{both}}})) > 60",
            15,
            WARNING,
            f"A node's clock and Postgres' clock differ by more than a minute for {name}.",
            "From five minutes on the audit log takes no records. Keep nodes and Postgres in step by NTP.",
        ),
    )
