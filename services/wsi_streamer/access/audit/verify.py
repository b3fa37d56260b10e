"""Whether the log is what its writers wrote.

What it finds: a record changed, missing or moved, or added behind a writer's last; a chain cut off at its end (others hold
its head); anchors of dropped months that no drop has left; writers who tell false things of others. What the database alone
can't show: a log that its owner cut off everywhere at once, or made anew from one end to the other. For that there are heads
that were kept elsewhere (see `witnesses`). And a service that was taken over may write what it likes as itself from then on.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from wsi_streamer.access.audit.anchors import digest
from wsi_streamer.access.audit.chain import FIRST
from wsi_streamer.access.audit.claims import Claims
from wsi_streamer.access.audit.findings import Fault, Report
from wsi_streamer.access.audit.records import CHECKPOINT, PRUNE, START, STOP
from wsi_streamer.access.audit.walk import Place, Walk, beyond, cut_off
from wsi_streamer.catalog.audit import Head
from wsi_streamer.catalog.audit_reads import Anchor, all_anchors, all_rows, rows_of_actions
from wsi_streamer.catalog.database import Database


async def verify(database: Database, against: Iterable[Head] = ()) -> Report:
    """Read the whole log, as it is at this moment, and check it, also against heads that were kept elsewhere. Memory is
    bounded by the number of writers and of what they have seen of each other.

    Raises:
        CatalogUnavailable: Postgres can't be reached.
    """
    claims = Claims()
    kept = frozenset(against)
    claims.keep(kept)
    report = Report(against=len(kept))
    async with database.snapshot() as connection:
        anchors = await all_anchors(connection)
        async for said in rows_of_actions(connection, (START, STOP, CHECKPOINT, PRUNE)):
            claims.read(said)
        report.anchors = len(anchors)
        forged = _anchor_faults(anchors, claims)
        found = await _walk_all(connection, {anchor.writer: anchor for anchor in anchors}, claims, report)
    # One of a kind for each chain, and where its anchor is forged nothing else of it means anything.
    known = {fault.writer for fault in forged}
    firsts: dict[tuple[str, bool], Fault] = {}
    for fault in found:
        if fault.writer not in known:
            firsts.setdefault((fault.writer, fault.kind == "false witness"), fault)
    report.faults = sorted([*forged, *firsts.values()], key=lambda fault: (fault.writer, fault.seq))
    return report


def _anchor_faults(anchors: list[Anchor], claims: Claims) -> list[Fault]:
    faults: dict[str, Fault] = {}
    ends: dict[str, int] = {}
    for anchor in anchors:
        if anchor.seq - anchor.records != ends.get(anchor.writer, 0):
            what = f"the anchor of {anchor.month:%Y-%m} does not follow the one before"
            faults.setdefault(anchor.writer, Fault(anchor.writer, anchor.seq, "forged anchor", what))
        for claim in claims.of(anchor.writer).get(anchor.seq, {}).values():
            if claim.hash != anchor.hash:
                what = f"the anchor of {anchor.month:%Y-%m} is not what {claim.who} tells of"
                faults.setdefault(anchor.writer, Fault(anchor.writer, anchor.seq, "forged anchor", what))
        ends[anchor.writer] = anchor.seq
    there, left = digest(anchors), claims.pruned or digest(())  # of public things: no secret is compared
    if there != left:
        what = "the anchors are not those that the last drop has left"
        faults.setdefault("", Fault("", 0, "forged anchor", what))
    return list(faults.values())


async def _walk_all(
    connection: AsyncConnection, anchors: dict[str, Anchor], claims: Claims, report: Report
) -> list[Fault]:
    faults: list[Fault] = []
    walk: Walk | None = None
    waiting = set(claims.by_writer)
    async for stored in all_rows(connection):
        report.records += 1
        writer = stored.row.writer
        if walk is None or writer != walk.writer:
            if walk is not None:
                faults += _ended(walk, report)
            anchor = anchors.get(writer)
            begin = Place(anchor.seq, anchor.hash) if anchor else Place(0, FIRST)
            walk = Walk(writer, begin, claims.of(writer), anchor is not None)
            waiting.discard(writer)
        walk.step(stored)
    if walk is not None:
        faults += _ended(walk, report)
    for writer in sorted(waiting):
        anchor = anchors.get(writer)
        seq = 0 if anchor is None else anchor.seq
        for last, claim in beyond(claims.of(writer), seq)[:1]:
            faults.append(cut_off(writer, seq + 1, last, claim))
    return faults


def _ended(walk: Walk, report: Report) -> list[Fault]:
    report.writers += 1
    report.heads[walk.writer] = (walk.place.seq, walk.place.hash.hex())
    late = walk.late()
    if late is not None:
        report.late.append(late)
    return walk.faults()
