"""``python -m wsi_streamer`` is ``wsi-streamer``."""

from __future__ import annotations

from wsi_streamer.cli import main

main(prog_name="wsi-streamer")
