"""The command line: one file a command.

Law of this layer: it reads settings, puts services together and says what happens in one clear line; what is done
stands in the layers below. Exit codes: 0 done or stopped as asked, 1 a setting, connection or check failed, 2 the
command line can't be read.
"""

from __future__ import annotations

from wsi_streamer.cli.root import main

__all__ = ["main"]
