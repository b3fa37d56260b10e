"""Bringing the database to a release, before the pods of that release come."""

from __future__ import annotations

from wsi_operator.resources.kinds import JOB
from wsi_operator.resources.labels import Component, Manifest, child
from wsi_operator.resources.names import migration_name
from wsi_operator.resources.pod import pod_template
from wsi_operator.resources.situation import Situation
from wsi_operator.spec.streamer import WSIStreamer

DEADLINE_SECONDS = 3600


def migration_job(streamer: WSIStreamer, situation: Situation) -> Manifest:
    """``wsi-streamer migrate``. The Job stays as the record that it was done; running it again does no harm.

    Its pod can't be changed, so its name is made of all that is in it: whatever might have kept it from ending well (image,
    URL, certificate, pull secret, node) is mended by another Job.
    """
    template = pod_template(
        streamer,
        situation,
        Component.MIGRATE,
        ["migrate"],
        streamer.spec.indexer.resources,  # little would do, but what a quota asks of one pod it asks of all
        restartPolicy="Never",
    )
    return child(
        streamer,
        JOB,
        migration_name(streamer.name, template),
        component=Component.MIGRATE,
        spec={
            "backoffLimit": 6,
            "activeDeadlineSeconds": DEADLINE_SECONDS,
            "template": template,
        },
    )
