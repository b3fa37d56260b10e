"""What a request shows becomes a caller, or is refused: deny by default."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wsi_streamer.access import session_cookie
from wsi_streamer.access.asked import Asked
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.client_address import TrustedProxies
from wsi_streamer.access.config import AccessConfig, Mode
from wsi_streamer.access.gate import Gate
from wsi_streamer.access.grants.token import mint, read
from wsi_streamer.access.oidc.config import OidcConfig
from wsi_streamer.access.permissions import Permission, Role
from wsi_streamer.access.query import parse_query
from wsi_streamer.access.scope import Scope, SlideNames
from wsi_streamer.slides.errors import (
    Forbidden,
    InvalidSignature,
    MissingSignature,
    NotSignedIn,
    Unauthorized,
    WsiError,
)

NOW = 1_000_000.0
SECRET, OLD = b"a secret of some length", b"an older secret, still known"
GRANT, ID, KEY = "g-" + "a" * 24, "s-" + "b" * 24, "case/1.svs"
ASKED = Asked(b"/tiles/x/0/0/0.jpg", b"", "", "", "192.0.2.1", ("192.0.2.1", b""))
TILES = frozenset({Permission.TILES})
IDENTITY = Caller("identity", "https://idp|1", TILES, Scope(("case/",)), frozenset({Role.VIEWER}), revocable=True)


class Grants:
    """One grant, for one slide."""

    scope = Scope(slide_ids=frozenset({ID}), slide_keys=frozenset({KEY}))
    caller_found = Caller("grant", GRANT, TILES, scope, expires=1_000_060, revocable=True)

    async def caller(self, grant_id: str, address: str) -> Caller:
        if grant_id != GRANT:
            raise Unauthorized("gone")
        if address != "192.0.2.1":
            raise Forbidden("elsewhere")
        return self.caller_found

    async def caller_of_token(self, token: str, address: str) -> Caller:
        keys = AccessConfig("signed", (SECRET, OLD)).keys
        return await self.caller(read(keys, token, NOW)[0], address)


class Identities:
    """One token is right."""

    async def caller(self, bearer: str) -> Caller:
        if bearer != "jwt":
            raise Unauthorized("no")
        return IDENTITY

    def caller_of_session(self, session: session_cookie.Session) -> Caller:
        return session.caller()


def gate(mode: Mode, *exposed: Permission) -> Gate:
    config = AccessConfig(mode, () if mode == "open" else (SECRET, OLD), exposed=frozenset(exposed))
    if mode == "oidc":
        config = replace(config, oidc=OidcConfig("https://idp.example.org", "wsi"))
    return Gate(config, Grants(), Identities() if mode == "oidc" else None, lambda: NOW)


def asked(query: str = "", authorization: str = "", cookie: str = "", address: str = "192.0.2.1") -> Asked:
    return replace(ASKED, query=query.encode(), authorization=authorization, cookie=cookie, address=address)


async def slide(
    gate: Gate, asked: Asked, names: SlideNames, need: Permission = Permission.TILES, *, page: bool = False
) -> Caller:
    async def look_up() -> SlideNames:
        return names if names.key is None else replace(names, id=None)  # a key that is not open

    return await gate.slide_caller(asked, parse_query(asked.query), look_up, need, page=page)


SLIDE = SlideNames(ID, KEY)
OTHER = SlideNames("s-" + "c" * 24, "other/2.svs")
UNKNOWN = SlideNames("s-" + "d" * 24, None)


def token(keys_of: bytes = SECRET, grant: str = GRANT) -> str:
    return mint(AccessConfig("signed", (keys_of,)).keys, grant, 1_000_060)


def cookie(session: session_cookie.Session) -> str:
    return f"{session_cookie.COOKIE}={session_cookie.seal(AccessConfig('signed', (SECRET,)).keys, session)}"


async def test_while_open_everyone_sees_slides_and_no_label() -> None:
    everyone = await slide(gate("open"), ASKED, SLIDE)
    assert (everyone.kind, everyone.expires) == ("anyone", None)
    for need in (Permission.LABEL, Permission.MACRO, Permission.METADATA, Permission.DOWNLOAD):
        with pytest.raises(Forbidden):
            await slide(gate("open"), ASKED, SLIDE, need)
    await slide(gate("open", Permission.LABEL), ASKED, SLIDE, Permission.LABEL)
    with pytest.raises(Forbidden):
        await slide(gate("open", Permission.LABEL), ASKED, SLIDE, Permission.MACRO)


@pytest.mark.parametrize(
    ("mode", "error"), [("signed", MissingSignature), ("oidc", NotSignedIn)]
)  # fmt: skip
async def test_who_shows_nothing_gets_nothing(mode: Mode, error: type[WsiError]) -> None:
    for names in (SLIDE, UNKNOWN):
        with pytest.raises(error):
            await slide(gate(mode), ASKED, names)
    with pytest.raises(error):
        await gate(mode).caller(ASKED, {})


@pytest.mark.parametrize("mode", ["signed", "oidc"])
@pytest.mark.parametrize("secret", [SECRET, OLD])
async def test_a_grant_is_shown_in_three_ways_and_opens_its_slide_alone(mode: Mode, secret: bytes) -> None:
    grant = token(secret)
    session = session_cookie.grant_session(GRANT, NOW, 1_000_060)
    for shown in (
        asked(f"grant={grant}"),
        asked(authorization=f"Bearer {grant}"),
        asked(cookie=f"a=b; {cookie(session)}"),
    ):
        assert (await slide(gate(mode), shown, SLIDE)).id == GRANT
        for names in (OTHER, UNKNOWN):
            with pytest.raises(Forbidden) as caught:
                await slide(gate(mode), shown, names)
            assert caught.value.message == "You may not see this, if it is here at all."
        with pytest.raises(Forbidden):
            await slide(gate(mode), shown, SLIDE, Permission.LABEL)
        with pytest.raises(Forbidden):
            await slide(gate(mode), replace(shown, address="203.0.113.9"), SLIDE)
        assert (await slide(gate(mode, Permission.LABEL), shown, SLIDE, Permission.LABEL)).id == GRANT


async def test_what_is_shown_and_wrong_is_never_passed_over_for_what_is_right() -> None:
    good = cookie(session_cookie.grant_session(GRANT, NOW, 1_000_060))
    for mode in ("signed", "oidc"):
        for shown in (
            asked(f"grant={token()[:-1]}0", cookie=good),
            asked("grant=", cookie=good),
            asked(authorization="Bearer nonsense", cookie=good),
            asked(authorization="Bearer", cookie=good),
            asked(authorization=f"Bearer {token(b'a secret that was retired')}", cookie=good),
            asked(cookie=f"{good}; {good}"),
            asked(cookie=f"{session_cookie.COOKIE}=x"),
            asked(f"grant={token(grant='g-' + 'z' * 24)}", cookie=good),
        ):
            with pytest.raises(Unauthorized):
                await slide(gate(mode), shown, SLIDE)
        # A password is for some proxy in front.
        assert (await slide(gate(mode), asked(authorization="Basic eDp5", cookie=good), SLIDE)).id == GRANT


async def test_several_authorization_headers_are_refused_whatever_they_are() -> None:
    good, link = cookie(session_cookie.grant_session(GRANT, NOW, 1_000_060)), gate("signed").links
    assert link is not None
    _, _, signed = link.sign_url("/tiles/x/0/0/0.jpg", {}, 1_000_060).partition("?")
    vt = f"vt={link.viewer_token(KEY, 1_000_060)}&exp=1000060"
    right = f"Bearer {token()}"
    for pair in (
        ("Basic eDp5", "Basic eDp5"),
        ("", right),
        (right, ""),
        (right, right),
        ("Basic eDp5", right),
        ("", ""),
    ):
        for query in ("", f"grant={token()}", signed, vt):
            shown = sent(query, [("authorization", one) for one in pair] + [("cookie", good)])
            for mode in ("signed", "oidc"):
                with pytest.raises(Unauthorized, match="several"):
                    await slide(gate(mode), shown, SLIDE)
                with pytest.raises(Unauthorized, match="several"):
                    await gate(mode).caller(shown, parse_query(shown.query))
            assert (await slide(gate("open"), shown, SLIDE)).kind == "anyone"
    once = sent("", [("authorization", right), ("cookie", good)])
    assert (await slide(gate("signed"), once, SLIDE)).id == GRANT


def sent(query: str, headers: list[tuple[str, str]]) -> Asked:
    """As it comes from the server."""
    raw = [(name.encode(), value.encode()) for name, value in headers]
    scope = {"client": ("192.0.2.1", 1), "headers": raw, "raw_path": ASKED.raw_path, "query_string": query.encode()}
    return Asked.of(scope, TrustedProxies(()))


async def test_identities_see_what_their_prefixes_hold() -> None:
    session = session_cookie.identity_session(IDENTITY, "", NOW, 3600)
    for shown in (asked(authorization="Bearer jwt"), asked(authorization="bearer  jwt"), asked(cookie=cookie(session))):
        found = await slide(gate("oidc"), shown, SLIDE)
        assert (found.kind, found.id, found.revocable) == ("identity", "https://idp|1", True)
        for names in (OTHER, UNKNOWN, SlideNames(None, "cas"), SlideNames(None, "case")):
            with pytest.raises(Forbidden):
                await slide(gate("oidc"), shown, names)


async def test_a_session_that_was_ended_counts_no_more() -> None:
    session, other = (session_cookie.identity_session(IDENTITY, "", NOW, 3600) for _ in range(2))
    config = replace(AccessConfig("oidc", (SECRET,)), oidc=OidcConfig("https://idp.example.org", "wsi"))
    ended: set[str] = set()
    found = Gate(config, Grants(), Identities(), lambda: NOW, ended)
    assert (await slide(found, asked(cookie=cookie(session)), SLIDE)).id == "https://idp|1"
    ended.add(session.sid)
    for copy in (session, session.renewed(NOW + 60)):
        with pytest.raises(Unauthorized, match="ended"):
            await slide(found, asked(cookie=cookie(copy)), SLIDE)
    assert (await slide(found, asked(cookie=cookie(other)), SLIDE)).id == "https://idp|1"


async def test_each_mode_takes_its_own_credentials_alone() -> None:
    links = gate("signed").links
    assert links is not None
    vt = f"vt={links.viewer_token(KEY, 1_000_060)}&exp=1000060"
    path, _, signed = links.sign_url("/tiles/x/0/0/0.jpg", {}, 1_000_060).partition("?")
    assert path == ASKED.raw_path.decode()
    assert (await slide(gate("signed"), asked(vt), SLIDE)).kind == "viewer-token"
    assert (await slide(gate("signed"), asked(signed), SLIDE)).kind == "link"
    for query in (vt, signed):
        with pytest.raises(NotSignedIn):
            await slide(gate("oidc"), asked(query), SLIDE)
    identity = cookie(session_cookie.identity_session(IDENTITY, "", NOW, 3600))
    for shown in (asked(authorization="Bearer jwt"), asked(cookie=identity)):
        with pytest.raises(Unauthorized):
            await slide(gate("signed"), shown, SLIDE)


async def test_a_viewer_token_opens_its_slide_and_no_page_and_says_nothing_of_itself_in_the_audit() -> None:
    links = gate("signed").links
    assert links is not None
    vt = links.viewer_token(KEY, 1_000_060)
    shown = asked(f"vt={vt}&exp=1000060")
    caller = await slide(gate("signed"), shown, SLIDE)
    assert vt not in caller.id
    assert caller.expires == 1_000_060
    assert (await slide(gate("signed"), asked(f"vt={vt.upper()}&exp=1000060"), SLIDE)).id == caller.id
    for names in (OTHER, UNKNOWN):
        with pytest.raises(InvalidSignature):
            await slide(gate("signed"), shown, names)
    with pytest.raises(MissingSignature):
        await slide(gate("signed"), shown, SLIDE, page=True)
    with pytest.raises(MissingSignature):
        await gate("signed").caller(shown, parse_query(shown.query))
