"""Who asks: the one place where what a request shows becomes a caller."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Container, Mapping
from dataclasses import replace
from typing import Protocol

from wsi_streamer.access import session_cookie
from wsi_streamer.access.asked import SEVERAL, Asked
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.config import AccessConfig
from wsi_streamer.access.embedded import shown_session
from wsi_streamer.access.grants import token as grant_token
from wsi_streamer.access.key_names import may_know_keys
from wsi_streamer.access.permissions import Permission, Role
from wsi_streamer.access.scope import Scope, SlideNames
from wsi_streamer.access.signed_links import SignedLinks
from wsi_streamer.slides.errors import Forbidden, NotSignedIn, Unauthorized

GRANT_PARAM = "grant"
"""Query parameter that a grant's token is shown in."""

_NEEDS_MORE = "You are not allowed to see this."
_BY_ID = "You may see slides here by their ids alone."
_REFUSED = "You may not see this, if it is here at all."


LookUp = Callable[[], Awaitable[SlideNames]]
"""Finds what a slide goes by, as far as that costs no query for one that is named by its key."""


class Refused(Forbidden):
    """403: a right was shown, and it is for something else."""

    def __init__(self, message: str, caller: Caller, wanted: str = "") -> None:
        super().__init__(message)
        self.caller = caller
        self.wanted = wanted
        """The permission or role that was missing."""


class GrantCallers(Protocol):
    """Where grants become callers."""

    async def caller(self, grant_id: str, address: str) -> Caller:
        """The caller of a grant, while it lasts."""

    async def caller_of_token(self, token: str, address: str) -> Caller:
        """The same, from the token."""


class IdentityCallers(Protocol):
    """Where bearer tokens become callers."""

    async def caller(self, bearer: str) -> Caller:
        """The identity that a token of the identity provider is about."""

    def caller_of_session(self, session: session_cookie.Session) -> Caller:
        """The identity whose session it is."""


class Gate:
    """Deny by default. Nothing here looks at a cache of pictures, and no picture is looked for before this was asked."""

    def __init__(
        self,
        config: AccessConfig,
        grants: GrantCallers,
        identities: IdentityCallers | None,
        now: Callable[[], float],
        ended: Container[str] = frozenset(),
    ) -> None:
        """``ended``: ids of sessions that count no more."""
        self._ended = ended
        self._config = config
        self._keys = config.keys
        self._grants = grants
        self._identities = identities
        self._now = now
        self.links = SignedLinks(config.secrets) if config.mode == "signed" else None
        """Signs what pages link to; None in the other modes."""

        self._seen = frozenset({Permission.TILES}) | config.exposed
        self._anyone = Caller("anyone", "anyone", self._seen, Scope.all(), frozenset({Role.VIEWER}))

    def is_open(self) -> bool:
        """Whether nothing is asked."""
        return self._config.mode == "open"

    async def caller(self, asked: Asked, params: Mapping[str, str]) -> Caller:
        """Who asks for a list or a page.

        Raises:
            WsiError: 400, 401 or 403, as what is shown; 503 where it can't be checked.
        """
        if self.is_open():
            return self._anyone
        _check_one(asked)
        return await self._of_grant_or_identity(asked, params) or self._of_link(asked, params)

    async def slide_caller(
        self,
        asked: Asked,
        params: Mapping[str, str],
        names: LookUp,
        need: Permission,
        *,
        page: bool = False,
        by_key: bool = False,
    ) -> Caller:
        """Who asks for something of one slide, and may have it. ``names`` looks the slide up, where that is needed: never
        for who has shown nothing that is right, but for viewer tokens, which are about a slide's key. They open no
        ``page``. ``by_key``: the slide is named by its key, which not everyone may know.

        Raises:
            WsiError: as `caller`. A slide that the caller may not see and one that doesn't exist are refused alike.
        """
        if self.links is not None and "vt" in params and not page:
            _check_one(asked)
            caller = await self._of_viewer_token(self.links, params, names)
        else:
            caller = await self.caller(asked, params)
            if by_key and not may_know_keys(caller):
                # Before anything else: names could be guessed, one by one, and each guess might be a job for the indexer.
                raise Refused(_BY_ID, caller)
            if not await _holds(caller.scope, names):
                raise Refused(_REFUSED, caller)
        if not caller.may(need):
            raise Refused(_NEEDS_MORE, caller, need)
        return caller

    async def _of_viewer_token(self, links: SignedLinks, params: Mapping[str, str], names: LookUp) -> Caller:
        slide = await names()
        expires = links.check_viewer_token(params, slide.key, self._now())
        digest = hashlib.sha256(params["vt"].lower().encode()).hexdigest()[:16]
        scope = Scope(slide_ids=frozenset() if slide.id is None else frozenset({slide.id}))
        return Caller(
            "viewer-token", f"viewer-token {digest}", self._seen, scope, frozenset({Role.VIEWER}), expires=expires
        )

    def _of_link(self, asked: Asked, params: Mapping[str, str]) -> Caller:
        if self.links is None:
            raise NotSignedIn("You are not signed in.")
        expires = self.links.check_url(asked.raw_path.decode("latin-1"), params, self._now())
        # Each tile's link is another: what they have in common is where they are used.
        who = f"link from {asked.address or 'an unknown address'}"
        return Caller("link", who, self._seen, Scope.all(), frozenset({Role.VIEWER}), expires=expires)

    async def _of_grant_or_identity(self, asked: Asked, params: Mapping[str, str]) -> Caller | None:
        """None where neither is shown. What is shown and is wrong is never passed over for something else."""
        if GRANT_PARAM in params:
            return await self._of_grant(params[GRANT_PARAM], asked.address)
        if "sig" in params and self.links is not None:
            return None
        if asked.authorization.lower().startswith("bearer"):  # a password is for some proxy in front
            return await self.of_bearer(asked)
        shown = shown_session(
            asked.cookie,
            secure=self._config.secure,
            embedding=bool(self._config.frame_ancestors),
            fetch_dest=asked.fetch_dest,
            params=params,
        )
        if shown is None:
            return None
        session = session_cookie.unseal(self._keys, shown.value, self._now(), shown.purpose)
        if session.grant_id is not None:
            return self._seeing(await self._grants.caller(session.grant_id, asked.address))
        if self._identities is None:
            raise Unauthorized("The session is of another kind than is asked for here.")
        if session.sid in self._ended:
            session_cookie.refuse_ended()
        return self._seeing(self._identities.caller_of_session(session))

    async def of_bearer(self, asked: Asked) -> Caller:
        """Who shows ``Authorization: Bearer …``: a grant's token, or one of the identity provider.

        Raises:
            Unauthorized: neither.
            Forbidden: an identity that may do nothing here.
            IdentityProviderUnavailable: it can't be checked now.
        """
        scheme, _, token = asked.authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise Unauthorized("Authorization must be: Bearer, and a token.")
        if token.startswith(grant_token.PREFIX):
            return await self._of_grant(token, asked.address)
        if self._identities is None:
            raise Unauthorized("This token is of no kind that is known here.")
        return self._seeing(await self._identities.caller(token))

    async def _of_grant(self, token: str, address: str) -> Caller:
        return self._seeing(await self._grants.caller_of_token(token, address))

    def _seeing(self, caller: Caller) -> Caller:
        """With what everyone may see who may see a slide."""
        if Permission.TILES not in caller.permissions:
            return caller
        return replace(caller, permissions=caller.permissions | self._config.exposed)


def _check_one(asked: Asked) -> None:
    """Several Authorization headers are refused whatever they say, and whatever else is shown."""
    if asked.authorization == SEVERAL:
        raise Unauthorized("There are several Authorization headers. Send one.")


async def _holds(scope: Scope, names: LookUp) -> bool:
    if scope.is_all():
        return True
    slide = await names()
    return scope.holds(slide.id, slide.key)
