"""``GET /admin/audit``: the audit log, for auditors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from litestar import Request, get
from litestar.params import QueryParameter
from litestar.response import Response, Stream

from wsi_streamer.access.audit.audit import Audit
from wsi_streamer.access.audit.export import FORMATS, MAX_LIMIT, ExportQuery, all_lines, one_page
from wsi_streamer.access.caller import Caller
from wsi_streamer.catalog.audit_reads import AuditReads
from wsi_streamer.slides.errors import InvalidRequest

AnyRequest = Request[Any, Any, Any]

WhoAsks = Callable[[AnyRequest], tuple[Caller, str]]
"""Who sends a request that the guard has let through, and from which address."""

_AUDIT_READ = "audit-read"


def audit_handler(reads: AuditReads, audit: Audit, source_id: int, *, guards: list[Any], who_asks: WhoAsks) -> Any:
    """A handler for Litestar. ``guards`` check that who asks is an auditor."""

    @get("/admin/audit", guards=guards, summary="The audit log, a line for each event", tags=["admin"])
    async def read_audit(
        request: AnyRequest,
        form: Annotated[str, QueryParameter(name="format", description="ndjson, or fhir: R4 AuditEvents")] = "ndjson",
        since: Annotated[str | None, QueryParameter(description="Time, as 2026-11-21T12:00:00Z")] = None,
        until: Annotated[str | None, QueryParameter(description="Time, not included; else now")] = None,
        slide: Annotated[str | None, QueryParameter(description="Opaque id or key")] = None,
        agent: Annotated[
            str | None, QueryParameter(description="Who: an id, with or without its kind before it")
        ] = None,
        action: Annotated[str | None, QueryParameter(description="What was done: view, denial, …")] = None,
        limit: Annotated[
            int | None, QueryParameter(description="Events of a page (to 10000); else all of them")
        ] = None,
        cursor: Annotated[str | None, QueryParameter(description="X-Next-Cursor of the page before")] = None,
    ) -> Response[Any]:
        query = ExportQuery(
            format=form, since=since, until=until, slide=slide, agent=agent, action=action, cursor=cursor, limit=limit
        )
        asked = query.asked(source_id, datetime.now(UTC))
        query.after()
        if limit is not None and not 1 <= limit <= MAX_LIMIT:
            raise InvalidRequest(f"limit must be from 1 to {MAX_LIMIT}.")
        caller, address = who_asks(request)
        # On record before the first line goes out.
        await audit.act(_AUDIT_READ, caller, address, detail=query.described())
        if cursor is None:  # what goes on in this process while somebody reads; other processes tell each 10 min
            await audit.flush()
        headers: Mapping[str, str] = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
        if limit is not None:
            page = await one_page(reads, query, asked, limit)
            if page.next_cursor:
                headers = {**headers, "x-next-cursor": page.next_cursor}
            body = "".join(f"{line}\n" for line in page.lines)
            return Response(body.encode(), media_type=FORMATS[form], headers=headers)
        return Stream(_lines(reads, query, asked), media_type=FORMATS[form], headers=dict(headers))

    return read_audit


async def _lines(reads: AuditReads, query: ExportQuery, asked: Any) -> AsyncIterator[bytes]:
    async for line in all_lines(reads, query, asked):
        yield line.encode() + b"\n"
