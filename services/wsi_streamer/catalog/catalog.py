"""The catalog of one source."""

from __future__ import annotations

from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.explain import ExplainQueries
from wsi_streamer.catalog.folders import FolderQueries
from wsi_streamer.catalog.grants import GrantQueries
from wsi_streamer.catalog.jobs import JobQueries
from wsi_streamer.catalog.listing import ListQueries
from wsi_streamer.catalog.notifications import Listener
from wsi_streamer.catalog.objects import ObjectQueries
from wsi_streamer.catalog.scans import ScanQueries
from wsi_streamer.catalog.slides import SlideQueries
from wsi_streamer.catalog.store import StoreQueries


class Catalog:
    """All queries, by what they are about."""

    def __init__(self, database: Database, source_id: int, listener: Listener | None = None) -> None:
        self.source_id = source_id
        self.slides = SlideQueries(database, source_id)
        self.listing = ListQueries(database, source_id)
        self.folders = FolderQueries(database, source_id)
        self.store = StoreQueries(database, source_id)
        self.explain = ExplainQueries(database, source_id)
        self.objects = ObjectQueries(database, source_id)
        self.jobs = JobQueries(database, source_id, listener)
        self.scans = ScanQueries(database, source_id)
        self.grants = GrantQueries(database, source_id)
