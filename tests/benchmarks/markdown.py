"""The tables of RESULTS.md, from a run's JSON: ``python -m tests.benchmarks --markdown tests/output/bench.json``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from tests.benchmarks.report import COLUMNS, Report, Row, shown, times_better
from tests.benchmarks.targets import judge

_LEFT_OUT = ("failed",)


def tables(report: Report) -> str:
    """A table for each pattern: ours, the peer's beside it (after a stroke), how many times better, the targets."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    told = report.machine
    yield (
        f"{told['date']}, {told['cpu']}, {told['cores']} cores, {told['system']}, Python {told['python']}; "
        f"load {told['load']} before the run."
    )
    order = list(dict.fromkeys(row.pattern for row in report.rows))
    for pattern, group in groupby(
        sorted(report.rows, key=lambda row: order.index(row.pattern)), lambda row: row.pattern
    ):
        rows = list(group)
        by_case: dict[str, dict[str, Row]] = {}
        for row in rows:
            by_case.setdefault(row.case, {})[row.server] = row
        names = [name for name in COLUMNS if name not in _LEFT_OUT and any(shown(row.figures, name) for row in rows)]
        compared = any(len(servers) > 1 for servers in by_case.values())
        yield ""
        yield f"### {pattern[:1].upper()}{pattern[1:]}"
        yield ""
        heads = ["case", *(COLUMNS[name][0] for name in names), *(["times better"] if compared else []), "target"]
        yield f"| {' | '.join(heads)} |"
        yield f"|{'---|' * len(heads)}"
        for case, servers in by_case.items():
            yield f"| {' | '.join(_cells(case, servers.get('ours'), servers.get('peer'), names, compared=compared))} |"
    if report.skipped:
        yield ""
        yield from (f"- skipped: {what}" for what in report.skipped)


def _cells(case: str, ours: Row | None, peer: Row | None, names: list[str], *, compared: bool) -> Iterator[str]:
    yield case
    for name in names:
        pair = [shown(row.figures, name) or "-" for row in (ours, peer) if row is not None]
        yield " / ".join(pair) if any(cell != "-" for cell in pair) else ""
    if compared:
        ratio = times_better(ours.figures, peer.figures) if ours is not None and peer is not None else None
        yield "" if ratio is None else f"{ratio:.2f}"
    judged = [] if ours is None else judge(ours, peer)
    yield "; ".join(f"{words}{'' if met else ' **missed**'}" for words, met in judged)
