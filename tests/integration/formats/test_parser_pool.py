"""Parser processes: what a file does to one of them harms no other file, and no secret reaches them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.support.slides import real_slide
from tests.support.tiffs import LONG8, RawTiff, plain, text
from wsi_streamer.formats import messages
from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.parse import parse
from wsi_streamer.formats.reader import BytesReader
from wsi_streamer.formats.sandbox import RECYCLE_AFTER, ParserPool
from wsi_streamer.formats.worker import Died, Worker
from wsi_streamer.slides.errors import StorageUnreachable

Fetch = Callable[[int, int], Awaitable[bytes]]


def served(data: bytes) -> tuple[int, Fetch]:
    async def fetch(offset: int, length: int) -> bytes:
        assert 0 <= offset < offset + length <= len(data)
        return data[offset : offset + length]

    return len(data), fetch


def children() -> set[int]:
    """The processes of this one."""
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(FileNotFoundError):  # a thread that has just ended
            found |= {int(pid) for pid in (task / "children").read_text().split()}
    return found


def of_process(pid: int, what: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{what}").read_bytes()
    except OSError:
        return b""


def is_parser(pid: int) -> bool:
    return b"wsi_streamer.formats.child" in of_process(pid, "cmdline")


def parsers() -> set[int]:
    return {pid for pid in children() if is_parser(pid)}


@pytest.fixture
async def pool() -> AsyncIterator[ParserPool]:
    pool = await ParserPool.start(2)
    yield pool
    await pool.aclose()
    assert not parsers()


async def test_gives_what_the_parser_gives(pool: ParserPool) -> None:
    data = real_slide("CMU-1-Small-Region.svs").read_bytes()
    assert await pool.parse(*served(data)) == parse(BytesReader(data))


async def test_a_process_is_used_again(pool: ParserPool) -> None:
    before = parsers()
    for _ in range(5):
        assert (await pool.parse(*served(plain()))).levels[0].width == 64
        with pytest.raises(Unsupported, match="ZIP"):
            await pool.parse(*served(b"PK\x03\x04" + bytes(100)))
    assert parsers() == before


async def test_a_process_is_recycled(pool: ParserPool) -> None:
    before = parsers()
    size, fetch = served(plain())
    for _ in range(RECYCLE_AFTER + 1):
        await pool.parse(size, fetch)
    assert parsers().isdisjoint(before)


async def test_at_most_so_many_at_once(pool: ParserPool) -> None:
    data = plain()

    async def slow(offset: int, length: int) -> bytes:
        await asyncio.sleep(0.02)
        return data[offset : offset + length]

    await asyncio.gather(*(pool.parse(len(data), slow) for _ in range(20)))
    assert len(parsers()) == 2


async def test_errors_of_the_store_pass_through_and_the_process_lives(pool: ParserPool) -> None:
    before = parsers()

    async def unreachable(offset: int, length: int) -> bytes:
        raise StorageUnreachable("gone")

    with pytest.raises(StorageUnreachable, match="gone"):
        await pool.parse(1000, unreachable)
    assert (await pool.parse(*served(plain()))).levels
    assert parsers() == before


async def test_waiting_for_the_store_is_not_the_files_fault() -> None:
    pool = await ParserPool.start(1, seconds=0.5)
    data = plain()

    async def slow(offset: int, length: int) -> bytes:
        await asyncio.sleep(0.8)
        return data[offset : offset + length]

    assert (await pool.parse(len(data), slow)).levels
    await pool.aclose()


async def test_a_cancelled_parse_leaves_no_process_half_way(pool: ParserPool) -> None:
    started = asyncio.Event()

    async def never(offset: int, length: int) -> bytes:
        started.set()
        await asyncio.Event().wait()
        return b""

    task = asyncio.create_task(pool.parse(1000, never))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await pool.parse(*served(plain()))).levels[0].width == 64


async def test_killed_once_is_tried_again_and_twice_is_broken(pool: ParserPool) -> None:
    data = plain()
    kills = [1]

    async def deadly(offset: int, length: int) -> bytes:
        if kills and kills.pop():
            for pid in parsers():
                os.kill(pid, signal.SIGKILL)
        return data[offset : offset + length]

    assert (await pool.parse(len(data), deadly)).levels
    kills += [1, 1]
    with pytest.raises(Broken, match="killed its parser"):
        await pool.parse(len(data), deadly)
    assert (await pool.parse(*served(data))).levels


async def test_memory_eater_is_broken_and_the_pool_goes_on() -> None:
    """A sound-looking table of 8 million tiles, under a limit that the tables of real slides fit in."""
    pool = await ParserPool.start(1, memory_bytes=320 << 20)
    tiles = 8 << 20
    tiff = RawTiff(big=True)
    side = 2048 * 256
    tiff.image(
        side * 2, side, 256, [0], [0], [(324, LONG8, tiles, 1 << 20), (325, LONG8, tiles, (1 << 20) + 8 * tiles)]
    )
    head = tiff.bytes()
    size = (1 << 20) + 16 * tiles
    block = struct.pack("<Q", 100) * (1 << 17)

    async def fetch(offset: int, length: int) -> bytes:
        data = bytearray((block * (length // len(block) + 2))[offset % 8 :][:length])
        if offset < len(head):
            part = head[offset : offset + length]
            data[: len(part)] = part
        return bytes(data)

    with pytest.raises(Broken, match=r"memory|killed"):
        await pool.parse(size, fetch)
    assert (await pool.parse(*served(plain()))).levels
    await pool.aclose()


async def test_a_file_that_takes_too_long_is_broken_and_the_pool_goes_on() -> None:
    pool = await ParserPool.start(1, seconds=0.25)
    xml = '<OME xmlns="http://www.openmicroscopy.org/x">' + "<Image><Pixels/></Image>" * 1_000_000 + "</OME>"
    data = plain(extra=[text(270, xml)])
    began = time.monotonic()
    with pytest.raises(Broken, match=r"longer than 0\.25 s"):
        await pool.parse(*served(data))
    assert time.monotonic() - began < 10
    assert (await pool.parse(*served(plain()))).levels
    await pool.aclose()


async def speaking(script: str) -> Worker:
    """A worker whose process runs ``script`` instead of the parser."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    return Worker(process, 5.0)


SAYS = "import sys,time; sys.stdout.buffer.write({!r}); sys.stdout.flush(); time.sleep(30)"


@pytest.mark.parametrize(
    "said",
    [
        b"Traceback (most recent call last):\n",
        b"\xff\xff\xff\xff" + bytes(100),
        messages.frame(b"\xc1nonsense"),
        messages.frame(b"\x91" * 10_000 + b"\xc0"),
        messages.encode(messages.Ready()),
        messages.encode(messages.Want(-1, 10)),
        messages.encode(messages.Want(990, 11)),
        messages.encode(messages.Want(0, 0)),
        messages.encode(messages.Want(0, 1 << 40)),
    ],
)
async def test_nonsense_from_a_process_ends_it(said: bytes) -> None:
    worker = await speaking(SAYS.format(said))
    with pytest.raises(Died):
        await worker.parse(*served(bytes(1000)))
    assert not worker.usable
    await worker.close()


async def test_a_slide_that_does_not_fit_the_object_is_not_believed() -> None:
    slide = parse(BytesReader(plain()))
    worker = await speaking(SAYS.format(messages.encode(messages.Done(slide))))
    with pytest.raises(Broken, match="outside the file"):
        await worker.parse(*served(bytes(1000)))
    await worker.close()


async def test_no_secret_reaches_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-to-be-seen")
    monkeypatch.setenv("WSI_ADMIN_TOKEN", "not-to-be-seen")
    pool = await ParserPool.start(1)
    (pid,) = parsers()
    assert b"not-to-be-seen" not in of_process(pid, "environ")
    assert str(2 << 30).encode() in of_process(pid, "limits")
    # Ctrl-C and a service manager's SIGTERM reach the whole group: a parser that died of them would look like a bad file.
    os.kill(pid, signal.SIGTERM)
    os.kill(pid, signal.SIGINT)
    assert (await pool.parse(*served(plain()))).levels
    assert parsers() == {pid}
    await pool.aclose()


def test_processes_end_with_their_parent() -> None:
    script = (
        "import asyncio, os\n"
        "from wsi_streamer.formats.sandbox import ParserPool\n"
        "async def main():\n"
        "    pool = await ParserPool.start(1)\n"
        "    print(pool._idle[0]._process.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_parser(child)
        parent.kill()
    deadline = time.monotonic() + 5
    while is_parser(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_parser(child)
