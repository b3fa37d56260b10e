"""A real identity provider: oidc-provider from npm, with users in groups and keys that rotate (tests/support/oidc_provider)."""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest

from tests.support.needs import missing
from tests.support.s3server import free_port
from tests.support.tools import cache_dir, node_folder, npm_command

SOURCE = Path(__file__).with_name("oidc_provider")
API = "https://slides.test/api"
"""The audience of its access tokens."""

USERS: Mapping[str, Mapping[str, Any]] = {
    "ada": {"name": "Ada Lovelace", "groups": ["pathology", "staff"]},
    "bob": {"name": "Bob", "groups": ["students"], "slide_prefixes": ["teaching/"]},
    "eve": {"name": "Eve", "groups": ["visitors"]},
    "root": {"name": "Root", "realm_access": {"roles": ["slides-admin"]}},
    "viewer": {"groups": ["pathology"]},  # the client of that name, when it asks for itself
}


def ensure_identity_provider() -> Path:
    """Its folder, with packages installed when they are not in the cache yet (some seconds).

    Raises:
        RuntimeError: there is no Node, or the packages can't be had.
    """
    lock = (SOURCE / "package-lock.json").read_bytes()
    version = json.loads((SOURCE / "package.json").read_text())["dependencies"]["oidc-provider"]
    folder = cache_dir() / f"oidc-provider-{version}-{hashlib.sha256(lock).hexdigest()[:8]}"
    if folder.exists():
        return folder
    command = npm_command()
    print(f"Installing the identity provider of the tests (oidc-provider {version}) ...", file=sys.stderr, flush=True)
    cache_dir().mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=cache_dir()))  # others may install at once
    try:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(SOURCE / name, building)
        env = os.environ | {"PATH": f"{node_folder()}{os.pathsep}{os.environ.get('PATH', '')}"}
        done = subprocess.run(
            [*command, "ci", "--no-audit", "--no-fund"], cwd=building, env=env, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise RuntimeError(f"the identity provider can't be installed:\n{done.stderr[-2000:]}")
        if not folder.exists():
            building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return folder


@dataclass(slots=True)
class IdentityProvider:
    """A running provider."""

    port: int
    users: Mapping[str, Mapping[str, Any]]
    token_seconds: int
    process: subprocess.Popen[str] | None = None

    @classmethod
    def start(cls, users: Mapping[str, Mapping[str, Any]] = USERS, *, token_seconds: int = 3600) -> IdentityProvider:
        """Start one with keys of its own, and wait until it answers."""
        provider = cls(free_port(), users, token_seconds)
        provider.restart()
        return provider

    def restart(self) -> None:
        """Start it again where it was: with new keys, and nobody signed in."""
        self.stop()
        folder = ensure_identity_provider()
        program = (SOURCE / "provider.mjs").read_bytes()
        # Beside its packages, where Node looks for them; others may write the same file.
        file = folder / f"provider-{hashlib.sha256(program).hexdigest()[:8]}.mjs"
        if not file.exists():
            written = file.with_suffix(f".{secrets.token_hex(4)}")
            written.write_bytes(program)
            written.replace(file)
        options = {"port": self.port, "users": self.users, "tokenSeconds": self.token_seconds}
        self.process = subprocess.Popen(
            [str(node_folder() / "node"), str(file), json.dumps(options)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        deadline = time.monotonic() + 30
        while "ready" not in (line := self.process.stdout.readline()):
            if not line or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError("the identity provider ended at once")

    @property
    def issuer(self) -> str:
        """Its name."""
        return f"http://127.0.0.1:{self.port}"

    def rotate(self) -> None:
        """Sign with new keys from now on; the old ones are still published."""
        self._control("POST", "rotate")

    def retire(self) -> None:
        """Publish the newest keys alone."""
        self._control("POST", "retire")

    def counts(self) -> dict[str, int]:
        """How often each path was asked for."""
        counts: dict[str, int] = self._control("GET", "counts")
        return counts

    async def through_forms(self, location: str, user: str) -> str:
        """From where a service sends a browser, through the provider's forms, to the URL that the provider sends it back to."""
        async with httpx.AsyncClient(timeout=20) as browser:
            answer = await browser.get(location)
            for _ in range(12):
                if answer.is_redirect:
                    location = urljoin(str(answer.url), answer.headers["location"])
                    if urlsplit(location).path == "/auth/callback":
                        return location
                    answer = await browser.get(location)
                    continue
                form = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
                prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
                assert form is not None, answer.text
                assert prompt is not None, answer.text
                fields = {"prompt": prompt[1]} | ({"login": user, "password": "any"} if prompt[1] == "login" else {})
                answer = await browser.post(urljoin(str(answer.url), html.unescape(form[1])), data=fields)
        raise AssertionError("the provider goes round in circles")

    async def tokens(self, user: str, client: str = "viewer") -> dict[str, Any]:
        """An ID token and an access token (RFC 9068), by a code flow of a client's own: ``id_token``, ``access_token``."""
        verifier, back = secrets.token_urlsafe(32), "http://127.0.0.1/auth/callback"
        challenge = hashlib.sha256(verifier.encode()).digest()
        query = {
            "client_id": client, "response_type": "code", "scope": "openid slides", "redirect_uri": back,
            "code_challenge": _base64url(challenge), "code_challenge_method": "S256", "resource": API,
        }  # fmt: skip
        location = await self.through_forms(str(httpx.URL(f"{self.issuer}/auth", params=query)), user)
        code = parse_qs(urlsplit(location).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        return await self._token({**form, "resource": API}, client)

    async def machine_token(self, client: str = "viewer") -> str:
        """An access token of a client for itself."""
        form = {"grant_type": "client_credentials", "scope": "slides", "resource": API}
        token: str = (await self._token(form, client))["access_token"]
        return token

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    async def _token(self, form: dict[str, str], client: str) -> dict[str, Any]:
        # Form-encoded first, as RFC 6749, 2.3.1 has it; what needs it is in the secret.
        secret = str(httpx.QueryParams({"s": client_secret(client)}))[2:]
        async with httpx.AsyncClient() as http:
            answer = await http.post(f"{self.issuer}/token", data=form, auth=(client, secret))
            assert answer.status_code == 200, answer.text
            tokens: dict[str, Any] = answer.json()
            return tokens

    def _control(self, method: str, what: str) -> Any:
        return httpx.request(method, f"{self.issuer}/control/{what}", timeout=20).raise_for_status().json()


def client_secret(client: str) -> str:
    """What provider.mjs gives a client."""
    return f"{client} secret: 100% & more"


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.fixture
def identity_provider() -> Iterator[IdentityProvider]:
    """One for one test: it may rotate its keys, and end."""
    try:
        ensure_identity_provider()
    except RuntimeError as error:
        missing(f"the identity provider ({error})".splitlines()[0])
    provider = IdentityProvider.start()
    yield provider
    provider.stop()
