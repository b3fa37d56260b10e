"""A real nginx in front of the tile service, with the configuration that compose/nginx ships."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.needs import missing
from tests.support.ports import until_listening
from tests.support.s3server import free_port
from tests.support.tools import nginx_path

SHIPPED = Path(__file__).resolve().parents[2] / "compose" / "nginx" / "edge-cache.conf"

_PLAIN = """
upstream wsi_streamer {{ {servers} keepalive 16; }}
server {{
    listen 127.0.0.1:{port};
    access_log off;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $remote_addr;
    location / {{ proxy_pass http://wsi_streamer; }}
}}
"""
"""The README's "any proxy that passes the path on as it was sent"."""

_MAIN = """
pcre_jit on; {user} worker_processes {processes}; daemon off; pid {folder}/pid; error_log {folder}/error.log crit;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    keepalive_requests 1000000;
    include {folder}/edge-cache.conf;
}}
"""


def shipped_config(folder: Path, port: int, upstreams: Sequence[str], *, access: bool) -> str:
    """The shipped file with its placeholders filled in; without the lines that check access where that is open."""
    text = SHIPPED.read_text()
    servers = "\n".join(f"    server {urlsplit(url).netloc};" for url in upstreams)
    replaced = {
        r" *server 127\.0\.0\.1:3000;.*": servers,
        r"listen 8080;": f"listen 127.0.0.1:{port};",
        r"/var/cache": str(folder),
        r"/run/wsi-rights": f"{folder}/wsi-rights",
        r"/var/log/nginx": str(folder),
    }
    if not access:
        replaced[r".*# \[access\].*\n"] = ""
    for pattern, by in replaced.items():
        text, count = re.subn(pattern, by, text)
        assert count, f"the shipped file has no {pattern}"
    return text


@contextlib.asynccontextmanager
async def nginx(
    folder: Path, upstreams: Sequence[str], *, access: bool = True, processes: int = 1, plain: bool = False
) -> AsyncIterator[str]:
    """Its URL. ``plain``: it passes requests on and keeps nothing. Skips the test where there is no nginx."""
    port = free_port()
    config = _plain_config(port, upstreams) if plain else shipped_config(folder, port, upstreams, access=access)
    process = _start(folder, config, processes=processes)
    try:
        await until_listening(port, process, folder / "output")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 20)


def _plain_config(port: int, upstreams: Sequence[str]) -> str:
    servers = " ".join(f"server {urlsplit(url).netloc};" for url in upstreams)
    return _PLAIN.format(port=port, servers=servers)


def _start(folder: Path, config: str, *, processes: int) -> subprocess.Popen[bytes]:
    binary = nginx_path()
    if binary is None:
        missing("nginx: install the package nginx")
    folder.mkdir(parents=True, exist_ok=True)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "edge-cache.conf").write_text(config)
    main = folder / "nginx.conf"
    main.write_text(_MAIN.format(user=user, processes=processes, folder=folder))
    with (folder / "output").open("wb") as output:
        return subprocess.Popen([binary, "-p", folder, "-c", main], stdout=output, stderr=output)
