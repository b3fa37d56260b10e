"""The operator: turns a ``WSIStreamer`` resource into a running slide service.

It knows the services by their image, their environment variables and their admin API, never by import.
"""

from __future__ import annotations
