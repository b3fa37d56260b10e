"""``make bench``: what servers do under patterns of use, in one run on one machine."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
import time
import traceback
from pathlib import Path

import uvloop

from tests.benchmarks.lab import Lab, Options, describe, open_lab
from tests.benchmarks.markdown import tables
from tests.benchmarks.patterns.registry import PATTERNS
from tests.benchmarks.report import Report
from tests.benchmarks.viewport import ORDERS

OUTPUT = Path(__file__).resolve().parents[1] / "output" / "bench.json"


def main() -> None:
    """Measure, print, write."""
    told = _parser().parse_args()
    if told.markdown is not None:
        print(tables(Report.read(told.markdown)), end="")
        return
    names = list(PATTERNS) if told.patterns is None else told.patterns.split(",")
    unknown = [name for name in names if name not in PATTERNS]
    if unknown:
        raise SystemExit(f"No such pattern: {', '.join(unknown)}. There are: {', '.join(PATTERNS)}")
    options = Options(
        quick=told.quick, peer_url=told.peer, peer_command=told.peer_command, peer_s3_port=told.peer_s3_port,
        without_ours=told.without_ours, server_options=tuple(shlex.split(told.server_options)),
        nice=told.nice, sizes=told.sizes, orders=told.orders, connections=told.connections,
    )  # fmt: skip
    # What was started has to end with this process.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report = Report()
    with open_lab(options, report) as lab:
        print(describe(lab), flush=True)
        try:
            failed = uvloop.run(_measure(lab, names))
        finally:
            report.write(told.json)
    report.print_ratios()
    print(f"\nWritten to {told.json}")
    sys.exit(1 if failed else 0)


async def _measure(lab: Lab, names: list[str]) -> int:
    """How many patterns failed."""
    failed = 0
    for name in names:
        began = time.monotonic()
        try:
            await PATTERNS[name](lab)
        except (OSError, RuntimeError, ValueError) as error:  # the others are worth having
            traceback.print_exc()
            lab.report.skip(f"{name} failed: {error}")
            failed += 1
        print(f"  {name} took {time.monotonic() - began:.0f} s", flush=True)
    return failed


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--patterns", help=f"some of: {', '.join(PATTERNS)}")
    parser.add_argument("--quick", action="store_true", help="few repetitions: to see that it runs")
    parser.add_argument("--json", type=Path, default=OUTPUT, help="where the figures go (%(default)s)")
    parser.add_argument(
        "--peer", default=os.environ.get("PEER") or None, help="URL of a server that reads the same bucket"
    )
    parser.add_argument(
        "--peer-command", default=os.environ.get("PEER_COMMAND") or None,
        help="starts a server with the original's options, anew for each pattern; or with {bucket}, {endpoint}, {port} in it",
    )  # fmt: skip
    parser.add_argument(
        "--peer-s3-port", type=int,
        help="for --peer: the port where it finds the bucket, 20 ms away where a pattern says so, and counted",
    )  # fmt: skip
    parser.add_argument(
        "--markdown", type=Path, metavar="JSON", help="print a run's tables for RESULTS.md; measure nothing"
    )
    parser.add_argument("--without-ours", action="store_true", help="the peer alone")
    parser.add_argument("--server-options", default="", help="further options of our server, in one word")
    parser.add_argument(
        "--nice", type=int, default=0, help="of all that is started, on a machine that others use (-15; root)"
    )
    defaults = Options()
    parser.add_argument("--sizes", type=_sizes, default=defaults.sizes, help="of viewports, in tiles: 6x4,8x5,12x7")
    parser.add_argument("--orders", type=_orders, default=defaults.orders, help=f"of viewports: {','.join(ORDERS)}")
    parser.add_argument("--connections", type=_numbers, default=defaults.connections, help="of viewports: 6,40")
    return parser


def _sizes(text: str) -> tuple[tuple[int, int], ...]:
    pairs = [tuple(int(number) for number in size.split("x")) for size in text.split(",")]
    return tuple((width, height) for width, height in pairs)


def _orders(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := set(names) - set(ORDERS):
        raise ValueError(f"no such order: {unknown}")
    return names


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


if __name__ == "__main__":
    main()
