"""``python -m wsi_operator``: settings come from ``WSI_OPERATOR_…`` variables alone."""

from __future__ import annotations

import asyncio
import os
import sys
from logging import getLogger

from wsi_operator.kube.login import NoCredentials
from wsi_operator.logs import configure_logs
from wsi_operator.runtime import run
from wsi_operator.settings import InvalidSetting, OperatorSettings


def main() -> int:
    """Exit code 2: it was started wrongly; the last line says how."""
    try:
        settings = OperatorSettings.of(os.environ)
    except InvalidSetting as error:
        sys.stderr.write(f"{error}\n")
        return 2
    configure_logs(settings.log_level)
    try:
        asyncio.run(run(settings))
    except (NoCredentials, OSError) as error:
        getLogger("wsi_operator").critical("can't run", extra={"error": str(error)})
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
