"""The audit log's retention."""

from __future__ import annotations

import hashlib

from wsi_operator.resources.kinds import CRON_JOB
from wsi_operator.resources.labels import Component, Manifest, child, labels
from wsi_operator.resources.names import audit_name
from wsi_operator.resources.pod import pod_template
from wsi_operator.resources.situation import Situation
from wsi_operator.spec.streamer import WSIStreamer

DEADLINE_SECONDS = 3600


def audit_cron_job(streamer: WSIStreamer, situation: Situation) -> Manifest | None:
    """``wsi-streamer audit prune``, weekly: it drops whole months, and makes those to come. None where all is kept."""
    if streamer.spec.access.audit.retention_months == 0:
        return None
    template = pod_template(
        streamer,
        situation,
        Component.AUDIT,
        ["audit", "prune"],
        streamer.spec.indexer.resources,
        restartPolicy="Never",
    )
    return child(
        streamer,
        CRON_JOB,
        audit_name(streamer.name),
        component=Component.AUDIT,
        spec={
            "schedule": schedule(streamer),
            "timeZone": "Etc/UTC",
            "concurrencyPolicy": "Forbid",
            "suspend": streamer.spec.suspend,
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 1,
            "jobTemplate": {
                "metadata": {"labels": labels(streamer, Component.AUDIT)},
                "spec": {
                    "backoffLimit": 3,
                    "activeDeadlineSeconds": DEADLINE_SECONDS,
                    "template": template,
                },
            },
        },
    )


def schedule(streamer: WSIStreamer) -> str:
    """Weekly in the first hours of a day, at a minute that follows from the name: of many resources not all work at once."""
    digest = hashlib.sha256(f"{streamer.namespace}/{streamer.name}".encode()).digest()
    return f"{digest[0] % 60} {digest[1] % 6} * * {digest[2] % 7}"
