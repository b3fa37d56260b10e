"""Who the operator is: a pod's service account, or a kubeconfig's user outside of a cluster."""

from __future__ import annotations

from logging import getLogger

import kopf

_log = getLogger(__name__)


class NoCredentials(Exception):
    """Neither a service account nor a usable kubeconfig is here."""


def login(**_: object) -> kopf.ConnectionInfo:
    """Read the credentials anew: a service account's token file is replaced about hourly.

    Also what kopf calls when it needs credentials. Reads files: call it where that may take a moment.

    Raises:
        NoCredentials: there are none.
    """
    settings = kopf.OperatorSettings()
    try:
        found = kopf.login_with_service_account(settings=settings) or kopf.login_with_kubeconfig(settings=settings)
    except (OSError, KeyError, ValueError, kopf.LoginError) as error:
        raise NoCredentials(f"The credentials can't be read: {error}") from error
    if found is None:
        raise NoCredentials("No credentials: run in a pod with a service account, or set KUBECONFIG.")
    return found
