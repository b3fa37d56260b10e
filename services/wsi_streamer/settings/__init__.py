"""All settings of a process: read once, checked before anything starts, and then handed on as values.

Law of this layer: nothing here reads the environment or opens anything; a `Settings` that exists is valid.
"""

from wsi_streamer.settings.addresses import is_loopback, parse_s3_uri
from wsi_streamer.settings.invalid import InvalidSettings
from wsi_streamer.settings.setting import (
    ACCESS,
    ADDRESS,
    ADMIN,
    AUDIT,
    CATALOG,
    IDENTITIES,
    INDEXING,
    LOGS,
    SERVING,
    SLIDES,
    default_data_dir,
    flag,
)
from wsi_streamer.settings.settings import Settings, setting_fields

__all__ = [
    "ACCESS",
    "ADDRESS",
    "ADMIN",
    "AUDIT",
    "CATALOG",
    "IDENTITIES",
    "INDEXING",
    "LOGS",
    "SERVING",
    "SLIDES",
    "InvalidSettings",
    "Settings",
    "default_data_dir",
    "flag",
    "is_loopback",
    "parse_s3_uri",
    "setting_fields",
]
