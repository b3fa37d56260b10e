"""What a service tells the person who started it."""

from __future__ import annotations

from socket import socket
from urllib.parse import urlsplit

import click
import structlog

from wsi_streamer import __version__
from wsi_streamer.settings import Settings, is_loopback
from wsi_streamer.telemetry.logs import is_text

_log = structlog.get_logger("wsi_streamer.cli")

_ANY = ("0.0.0.0", "::", "")  # noqa: S104 - compared, not bound


def announce(settings: Settings, *, public: socket | None, admin: socket) -> None:
    """One line on where it listens and what to open; a loud one before it while access is open to the network."""
    if public is not None and settings.is_open() and not is_loopback(settings.host):
        port = public.getsockname()[1]
        if is_text(settings.log_format):
            click.echo(open_warning(port), err=True)
        else:  # a banner would break the lines that a machine reads
            _log.warning("ACCESS IS OPEN: everyone who reaches this port sees every slide", port=port)
    if public is not None and settings.frame_ancestors and not _keeps_frames_cookies(settings):
        _log.warning(
            "WSI_FRAME_ANCESTORS needs https: browsers take no cookie into a frame by plain http, so that a grant's link opens "
            "nothing there; set WSI_PUBLIC_URL to https://…"
        )
    click.echo(listening_line(settings, public=_port(public), admin=_port(admin)))


def _keeps_frames_cookies(settings: Settings) -> bool:
    """Whether a grant's link works in a frame: by https, or on this machine."""
    parts = urlsplit(settings.public_url or "")
    # Without access there are no cookies; without a public URL nothing is known.
    return settings.is_open() or parts.scheme in ("", "https") or is_loopback(parts.hostname or "")


def _port(sock: socket | None) -> int | None:
    return None if sock is None else int(sock.getsockname()[1])


def listening_line(settings: Settings, *, public: int | None, admin: int | None) -> str:
    """Where it listens, with the ports that were really taken."""
    admin_url = url(settings.admin_host, admin or settings.admin_port)
    if public is None:
        return f"WSI Streamer {__version__} indexes. Admin API: {admin_url}"
    page = url(settings.host, public)
    where = f"WSI Streamer {__version__} listens on {settings.host}:{public}; admin and metrics: {admin_url}. "
    if settings.is_open():
        return f"{where}Open {page} in a browser."
    if settings.access_mode() == "oidc":
        return f"{where}Sign in at {settings.public_url or page}"
    base = (settings.public_url or page).rstrip("/")
    return f"{where}Access is by signed links: wsi-streamer sign --path / --base-url {base}"


def open_warning(port: int) -> str:
    """What nobody should miss."""
    lines = (
        "WARNING: ACCESS IS OPEN",
        f"Everyone who reaches port {port} of this machine sees every slide.",
        "To allow signed links only: --auth-enabled with WSI_AUTH_SECRET set.",
        "To allow this machine only: --host 127.0.0.1",
    )
    width = max(len(line) for line in lines)
    rule = "!" * (width + 6)
    return "\n".join([rule, *(f"!! {line.ljust(width)} !!" for line in lines), rule])


def url(host: str, port: int) -> str:
    """A URL that opens on the same machine."""
    if host in _ANY:
        host = "localhost"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
