"""Grants over a real Postgres: issued, listed, revoked, remembered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.support.postgres import execute
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.grants.grants import Grants
from wsi_streamer.access.permissions import GRANTABLE, Permission, Role
from wsi_streamer.access.scope import Scope
from wsi_streamer.access.signing_keys import SigningKeys
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.notifications import GRANTS_CHANNEL, Listener
from wsi_streamer.catalog.sources import ensure_source
from wsi_streamer.slides.errors import CatalogUnavailable, Forbidden, InvalidRequest, NotFound, Unauthorized
from wsi_streamer.slides.slide import StoredObject

DAY = 86_400
NOW = 1_800_000_000.0
KEYS = SigningKeys.of([b"a secret that is long enough"])
ADMIN = Caller("admin-token", "admin", roles=frozenset({Role.ADMIN}))


def identity(*permissions: Permission, scope: Scope, who: str = "https://issuer|someone") -> Caller:
    return Caller("identity", who, frozenset(permissions), scope)


@dataclass
class Clock:
    """Both the time of day and the age of things."""

    at: float = NOW

    def __call__(self) -> float:
        return self.at


@dataclass
class Worker:
    """One process's grants."""

    grants: Grants
    clock: Clock

    async def holds(self, grant_id: str, address: str = "192.0.2.1") -> bool:
        try:
            return (await self.grants.caller(grant_id, address)).grant_id == grant_id
        except Unauthorized:
            return False


def worker_on(catalog: Catalog, clock: Clock | None = None) -> Worker:
    clock = clock or Clock()
    return Worker(Grants(catalog.grants, KEYS, 90 * DAY, clock, clock=clock), clock)


@pytest.fixture
async def slide_id(catalog: Catalog) -> str:
    await catalog.objects.observe(StoredObject("other/b.svs", '"1"', 1))
    return await catalog.objects.observe(StoredObject("case/a.svs", '"1"', 1)) or ""


@pytest.fixture
async def worker(catalog: Catalog, slide_id: str) -> AsyncIterator[Worker]:
    one = worker_on(catalog)
    yield one
    await one.grants.aclose()


async def test_a_grant_to_a_slide_is_stored_by_its_id_and_opens_that_slide_alone(worker: Worker, slide_id: str) -> None:
    for ref in ("case/a.svs", slide_id):
        issued = await worker.grants.issue(ADMIN, slide=ref, expires_in=600, note=" for Dr. Sato ")
        assert issued.grant.slide_id == slide_id
        caller = await worker.grants.caller_of_token(issued.token, "")
        assert (caller.kind, caller.id, caller.grant_id, caller.name) == (
            "grant", issued.grant.id, issued.grant.id, "for Dr. Sato"
        )  # fmt: skip
        assert caller.revocable
        assert caller.expires == int(NOW) + 600
        assert caller.scope.holds(slide_id, "case/a.svs")
        assert not caller.scope.holds("s-other", "case/a.svs.svs")
        assert caller.permissions == {Permission.TILES}
    assert issued.token not in repr(issued)


async def test_revoking_ends_it_here_at_once_and_again_is_no_fault(worker: Worker, slide_id: str) -> None:
    issued = await worker.grants.issue(ADMIN, prefix="case/", expires_in=600)
    assert await worker.holds(issued.grant.id)
    assert (await worker.grants.revoke(ADMIN, issued.grant.id)).revoked_at is None
    with pytest.raises(Unauthorized, match="revoked"):
        await worker.grants.caller_of_token(issued.token, "")
    first = await worker.grants.get(ADMIN, issued.grant.id)
    assert first.revoked_by == "admin"
    await worker.grants.revoke(ADMIN, issued.grant.id)
    assert await worker.grants.get(ADMIN, issued.grant.id) == first


async def test_another_worker_hears_of_a_revocation_within_a_second(
    worker: Worker, catalog: Catalog, database_url: str
) -> None:
    other = worker_on(catalog)
    forgotten: list[str] = []
    forget = other.grants.forget

    def seen(grant_id: str) -> None:
        forgotten.append(grant_id)
        forget(grant_id)

    other.grants.forget = seen  # type: ignore[method-assign]
    listener = await Listener.start(database_url)
    other.grants.listen(listener)
    listening = asyncio.Event()
    listener.subscribe(GRANTS_CHANNEL, lambda _: listening.set())
    async with asyncio.timeout(10):
        await listening.wait()
    other.clock.at += 1  # what is read from now on is remembered
    issued = await worker.grants.issue(ADMIN, prefix="case/", expires_in=600)
    assert await other.holds(issued.grant.id)
    neighbour = f"{catalog.source_id + 1}:{issued.grant.id}"
    await execute(database_url, f"SELECT pg_notify('wsi_grants', '{neighbour}')")
    await worker.grants.revoke(ADMIN, issued.grant.id)
    async with asyncio.timeout(1):
        while await other.holds(issued.grant.id):  # noqa: ASYNC110 - nothing tells when it is heard
            await asyncio.sleep(0.01)
    assert forgotten == ["", issued.grant.id]  # and nothing for the grants of other buckets
    await other.grants.aclose()
    await listener.aclose()


async def test_a_worker_that_is_deaf_notices_a_revocation_after_30_seconds(worker: Worker, catalog: Catalog) -> None:
    deaf = worker_on(catalog)
    issued = await worker.grants.issue(ADMIN, prefix="case/", expires_in=600)
    assert await deaf.holds(issued.grant.id)
    await worker.grants.revoke(ADMIN, issued.grant.id)
    deaf.clock.at += 30
    assert await deaf.holds(issued.grant.id)
    deaf.clock.at += 0.5
    assert not await deaf.holds(issued.grant.id)


async def test_a_break_of_the_listeners_connection_has_all_asked_for_again(worker: Worker, catalog: Catalog) -> None:
    other = worker_on(catalog)
    issued = await worker.grants.issue(ADMIN, prefix="case/", expires_in=600)
    assert await other.holds(issued.grant.id)
    await worker.grants.revoke(ADMIN, issued.grant.id)
    assert await other.holds(issued.grant.id)
    other.grants.forget("")
    other.clock.at += 0.001
    assert not await other.holds(issued.grant.id)


async def test_a_revocation_in_another_bucket_of_the_database_is_not_ours(
    worker: Worker, catalog: Catalog, database: Database
) -> None:
    issued = await worker.grants.issue(ADMIN, prefix="", expires_in=600)
    neighbour = worker_on(Catalog(database, await ensure_source(database, "http://s3", "another", "")))
    assert not await neighbour.holds(issued.grant.id)
    with pytest.raises(NotFound):
        await neighbour.grants.revoke(ADMIN, issued.grant.id)
    assert (await neighbour.grants.listed(ADMIN, None, 10)).grants == []
    assert await worker.holds(issued.grant.id)


async def test_it_ends_at_its_second_though_it_is_remembered(worker: Worker) -> None:
    issued = await worker.grants.issue(ADMIN, prefix="case/", expires_in=10)
    worker.clock.at += 9.9
    assert await worker.holds(issued.grant.id)
    assert (await worker.grants.caller_of_token(issued.token, "")).id == issued.grant.id
    worker.clock.at += 0.1
    for refused in (worker.grants.caller(issued.grant.id, ""), worker.grants.caller_of_token(issued.token, "")):
        with pytest.raises(Unauthorized, match="expired"):
            await refused


async def test_networks_let_in_those_in_them_and_nobody_whose_address_is_unknown(worker: Worker) -> None:
    issued = await worker.grants.issue(
        ADMIN, prefix="case/", expires_in=600, networks=["10.1.2.3/16", "2001:db8::/32", "10.1.0.0/16"]
    )
    assert [str(network) for network in issued.grant.networks] == ["10.1.0.0/16", "2001:db8::/32"]
    for inside in ("10.1.255.1", "::ffff:10.1.0.9", "2001:db8::1"):
        assert await worker.holds(issued.grant.id, inside)
    for outside in ("10.2.0.1", "2001:db9::1", "", "unix:", "10.1.0.1.evil.example"):
        with pytest.raises(Forbidden, match="network"):
            await worker.grants.caller(issued.grant.id, outside)


async def test_what_cannot_be_granted_is_refused_with_a_sentence(worker: Worker) -> None:
    wrong: list[dict[str, Any]] = [
        {"expires_in": 60},
        {"slide": "case/a.svs", "prefix": "case/", "expires_in": 60},
        {"slide": "", "expires_in": 60},
        {"prefix": "a\0b", "expires_in": 60},
        {"prefix": "\ud800", "expires_in": 60},
        {"prefix": "x" * 1025, "expires_in": 60},
        {"prefix": ""},
        {"prefix": "", "expires_in": 60, "expires_at": int(NOW) + 60},
        {"prefix": "", "expires_in": 0},
        {"prefix": "", "expires_in": -1},
        {"prefix": "", "expires_in": 10**30},
        {"prefix": "", "expires_in": 90 * DAY + 1},
        {"prefix": "", "expires_at": int(NOW)},
        {"prefix": "", "expires_at": "tomorrow"},
        {"prefix": "", "expires_at": "2027-01-16T00:00:00"},
        {"prefix": "", "expires_at": "0001-01-01T00:00:00+23:59"},
        {"prefix": "", "expires_at": "9999-12-31T23:59:59-23:59"},
        {"prefix": "", "expires_in": 60, "permissions": ["grant"]},
        {"prefix": "", "expires_in": 60, "permissions": ["all"]},
        {"prefix": "", "expires_in": 60, "networks": ["10.0.0.0/33"]},
        {"prefix": "", "expires_in": 60, "networks": ["::ffff:10.0.0.0/104"]},
        {"prefix": "", "expires_in": 60, "networks": [f"10.0.{n}.0/24" for n in range(33)]},
        {"prefix": "", "expires_in": 60, "note": "x" * 201},
        {"prefix": "", "expires_in": 60, "note": "two\nlines"},
    ]
    for wish in wrong:
        with pytest.raises(InvalidRequest) as caught:
            await worker.grants.issue(ADMIN, **wish)
        assert caught.value.message.endswith((".", "09:00."))
    for unknown in ("case/none.svs", "s-" + "a" * 24):
        with pytest.raises(NotFound):
            await worker.grants.issue(ADMIN, slide=unknown, expires_in=60)
    assert (await worker.grants.listed(ADMIN, None, 100)).grants == []


async def test_an_expiry_may_be_a_moment(worker: Worker) -> None:
    for written in ("2027-01-16T09:00:00+09:00", "2027-01-16T00:00:00Z", 1_800_057_600, "1800057600"):
        issued = await worker.grants.issue(ADMIN, prefix="", expires_at=written)
        assert issued.grant.expires == 1_800_057_600
    longest = await worker.grants.issue(ADMIN, prefix="", expires_in=90 * DAY)
    assert longest.grant.expires == int(NOW) + 90 * DAY


async def test_who_may_grant_gives_no_more_than_it_has(worker: Worker, slide_id: str) -> None:
    someone = identity(Permission.TILES, Permission.LABEL, Permission.GRANT, scope=Scope(("case/",)))
    grants = worker.grants
    for fits in (
        {"prefix": "case/"}, {"prefix": "case/2026"}, {"slide": "case/a.svs", "permissions": ["label"]}, {"slide": slide_id},
    ):  # fmt: skip
        assert (await grants.issue(someone, expires_in=60, **fits)).grant.created_by == someone.id
    other_id = ((await worker.grants._queries.slide("other/b.svs")) or ("", ""))[0]
    for too_much in (
        {"prefix": ""}, {"prefix": "cas"}, {"prefix": "other/"}, {"slide": "other/b.svs"}, {"slide": other_id},
        {"prefix": "case/", "permissions": ["metadata"]}, {"slide": "case/a.svs", "permissions": ["download"]},
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            await grants.issue(someone, expires_in=60, **too_much)
    messages = set()
    for hidden in ("other/b.svs", "other/none.svs", other_id, "s-" + "a" * 24):
        with pytest.raises(Forbidden) as caught:
            await grants.issue(someone, slide=hidden, expires_in=60)
        messages.add(caught.value.message)
    assert len(messages) == 1
    with pytest.raises(NotFound):
        await grants.issue(someone, slide="case/none.svs", expires_in=60)
    of_all = identity(Permission.DOWNLOAD, Permission.GRANT, scope=Scope.all())
    assert (await grants.issue(of_all, prefix="x", permissions=["label", "macro"], expires_in=60)).grant.permissions == {
        Permission.TILES, Permission.LABEL, Permission.MACRO,
    }  # fmt: skip
    with pytest.raises(Forbidden, match="administrator"):
        await grants.issue(of_all, prefix="", expires_in=60)
    of_one = identity(Permission.TILES, Permission.GRANT, scope=Scope(slide_ids=frozenset({slide_id})))
    assert (await grants.issue(of_one, slide="case/a.svs", expires_in=60)).grant.slide_id == slide_id
    with pytest.raises(Forbidden):
        await grants.issue(of_one, prefix="case/a.svs", expires_in=60)


async def test_who_holds_no_such_right_has_nothing_to_do_with_grants(worker: Worker) -> None:
    issued = await worker.grants.issue(ADMIN, prefix="", permissions=[one.value for one in GRANTABLE], expires_in=60)
    holder = await worker.grants.caller(issued.grant.id, "")
    for nobody in (
        holder,
        replace(holder, roles=frozenset({Role.ADMIN}), permissions=frozenset(Permission)),
        Caller("anyone", "", frozenset({Permission.TILES}), Scope.all()),
        Caller("auditor-token", "auditor", roles=frozenset({Role.AUDITOR})),
        identity(Permission.DOWNLOAD, scope=Scope.all()),
    ):
        for refused in (
            worker.grants.issue(nobody, prefix="case/", expires_in=60),
            worker.grants.listed(nobody, None, 10),
            worker.grants.get(nobody, issued.grant.id),
            worker.grants.revoke(nobody, issued.grant.id),
        ):
            with pytest.raises(Forbidden):
                await refused
    assert await worker.holds(issued.grant.id)


async def test_one_sees_and_revokes_its_own_grants_alone(worker: Worker) -> None:
    mine = identity(Permission.TILES, Permission.GRANT, scope=Scope.all(), who="issuer|me")
    hers = replace(mine, id="issuer|her")
    made = [(await worker.grants.issue(who, prefix="case/", expires_in=60)).grant for who in (mine, hers, mine)]
    assert [grant.id for grant in (await worker.grants.listed(mine, None, 10)).grants] == [made[2].id, made[0].id]
    for refused in (worker.grants.get(mine, made[1].id), worker.grants.revoke(mine, made[1].id)):
        with pytest.raises(NotFound):
            await refused
    assert await worker.holds(made[1].id)
    await worker.grants.revoke(mine, made[0].id)
    await worker.grants.revoke(ADMIN, made[2].id)
    active = await worker.grants.listed(None, None, 10, active=True)
    assert [grant.id for grant in active.grants] == [made[1].id]
    assert len((await worker.grants.listed(ADMIN, None, 10)).grants) == 3


async def test_pages_hold_each_grant_once_newest_first(worker: Worker) -> None:
    made = [(await worker.grants.issue(ADMIN, prefix=f"{n}/", expires_in=60 + n)).grant.id for n in range(7)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = await worker.grants.listed(ADMIN, cursor, 3)
        seen += [grant.id for grant in page.grants]
        cursor = page.next_cursor
        if cursor is None:
            break
        await worker.grants.issue(ADMIN, prefix="later/", expires_in=60)  # moves nothing behind the cursor
    assert seen == made[::-1]
    worker.clock.at += 64
    active = await worker.grants.listed(ADMIN, None, 100, active=True)
    assert [grant.prefix for grant in active.grants] == ["6/", "5/"]
    for wrong in ("x", "", "W10", "WyJhIl0", "e30", "WyIyMDI2LTAxLTAxIiwgImEiXQ", "é"):
        with pytest.raises(InvalidRequest):
            await worker.grants.listed(ADMIN, wrong, 3)


async def test_while_the_database_is_away_what_was_read_counts_for_five_minutes(
    worker: Worker, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = (await worker.grants.issue(ADMIN, prefix="case/", expires_in=3600)).grant.id
    new = (await worker.grants.issue(ADMIN, prefix="case/", expires_in=3600)).grant.id
    assert await worker.holds(kept)
    assert not await worker.holds("g-unknown")
    asked = 0
    never = asyncio.Event()

    async def away(*_: object) -> None:
        raise CatalogUnavailable("The catalog can't be used.")

    async def hang(*_: object) -> None:
        nonlocal asked
        asked += 1
        await never.wait()
        raise CatalogUnavailable("The catalog does not answer.")

    with monkeypatch.context() as patch:
        patch.setattr(database, "rows", away)
        with pytest.raises(CatalogUnavailable):
            await worker.holds(new)
        worker.clock.at += 31
        assert await worker.holds(kept)
        worker.grants.forget("")  # the listener's connection broke too
        worker.clock.at += 200
        assert await worker.holds(kept)
        patch.setattr(database, "rows", hang)
        async with asyncio.timeout(2):  # nobody waits for an answer that does not come
            for _ in range(100):
                assert await worker.holds(kept)
                await asyncio.sleep(0)
        assert asked == 1
        never.set()
        patch.setattr(database, "rows", away)
        with pytest.raises(CatalogUnavailable):
            await worker.holds("g-unknown")
        worker.clock.at += 70
        with pytest.raises(CatalogUnavailable):
            await worker.holds(kept)
    assert await worker.holds(kept)
    assert await worker.holds(new)


async def test_a_grant_that_was_revoked_does_not_come_back_with_the_database_away(
    worker: Worker, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ident = (await worker.grants.issue(ADMIN, prefix="case/", expires_in=3600)).grant.id
    assert await worker.holds(ident)
    await worker.grants.revoke(ADMIN, ident)
    assert not await worker.holds(ident)

    async def away(*_: object) -> None:
        raise CatalogUnavailable("The catalog can't be used.")

    monkeypatch.setattr(database, "rows", away)
    worker.clock.at += 100
    assert not await worker.holds(ident)


async def test_what_is_asked_by_many_at_once_is_one_query(
    worker: Worker, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ident = (await worker.grants.issue(ADMIN, prefix="case/", expires_in=3600)).grant.id
    statements: list[object] = []
    rows = database.rows

    async def counted(*arguments: Any) -> Any:
        statements.append(arguments)
        return await rows(*arguments)

    monkeypatch.setattr(database, "rows", counted)
    assert all(await asyncio.gather(*(worker.holds(ident) for _ in range(50))))
    assert not any(await asyncio.gather(*(worker.holds("g-unknown") for _ in range(50))))
    assert not await worker.holds("g-unknown")
    assert len(statements) == 2


async def test_a_grant_needs_the_key_that_signed_it_and_a_slide_that_is_there_when_it_is_made(
    worker: Worker, catalog: Catalog, slide_id: str
) -> None:
    issued = await worker.grants.issue(ADMIN, slide=slide_id, expires_in=3600)
    await catalog.objects.reconcile([], after="", until=None)
    await catalog.objects.mark_vanished([slide_id], grace=2, force=True)
    assert await worker.holds(issued.grant.id)  # of a slide that may come back
    with pytest.raises(NotFound):
        await worker.grants.issue(ADMIN, slide=slide_id, expires_in=3600)
    renewed = Grants(
        catalog.grants, SigningKeys.of([b"another secret, as long"]), DAY, worker.clock, clock=worker.clock
    )
    with pytest.raises(Unauthorized):
        await renewed.caller_of_token(issued.token, "")
    without = Grants(catalog.grants, SigningKeys(), DAY, worker.clock, clock=worker.clock)
    with pytest.raises(InvalidRequest, match="WSI_SIGNING_KEYS"):
        await without.issue(ADMIN, prefix="", expires_in=60)
