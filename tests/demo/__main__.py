"""Start the demo: ``python -m tests.demo [--port 3000] [--s3 s3://bucket] [--endpoint URL]``."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.demo.command import Command, is_free
from tests.demo.storage import BUCKET, DemoStorage
from tests.samples import ensure_samples
from tests.support.tools import cache_dir


@dataclass(slots=True)
class Stop:
    """Whether a signal asked for the end.

    The handler only notes it: an exception out of a handler could come between the start of a process and the note
    that it must be ended.
    """

    asked: bool = False

    def listen(self) -> None:
        """Take Ctrl-C, a plain kill and a closed terminal."""
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._on_signal)

    def _on_signal(self, _number: int, _frame: object) -> None:
        if not self.asked:
            say("Stopping")
        self.asked = True


def main() -> int:
    """Run until stopped; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=3000, help="of the viewer; the admin API gets the next free one")
    parser.add_argument("--s3", default="", help="your own bucket (s3://bucket/prefix) instead of the samples")
    parser.add_argument("--endpoint", default="", help="of your own bucket's server; none means AWS")
    parser.add_argument("--samples", type=Path, help="a folder of slides to use instead of the drawn ones")
    parser.add_argument("--keep", type=Path, default=cache_dir() / "demo", help="where objects and catalog stay")
    options = parser.parse_args()
    if not is_free(options.port):
        print(f"Port {options.port} is in use. Choose another: make run PORT={options.port + 100}", file=sys.stderr)
        return 1
    try:
        samples = None if options.s3 else options.samples or ensure_samples()
    except KeyboardInterrupt:
        return 130
    stop = Stop()
    stop.listen()
    with contextlib.ExitStack() as stack:
        if samples is None:
            arguments, env = [options.s3, *(["--s3-endpoint", options.endpoint] if options.endpoint else [])], {}
        else:
            say("Starting the S3 server")
            storage = DemoStorage.start(options.keep)
            stack.callback(storage.stop)
            for key, path in storage.outdated(samples):
                if stop.asked:
                    break
                say(f"Uploading {key} ({path.stat().st_size / 1e6:.0f} MB)")
                storage.upload(key, path)
            arguments = [f"s3://{BUCKET}", "--s3-endpoint", storage.endpoint, "--data-dir", str(options.keep / "data")]
            env = storage.env
        code = 0 if stop.asked else _serve(Command(arguments, env, options.port), stop)
    if stop.asked:
        say("Stopped; nothing is left running")
    return code


def _serve(command: Command, stop: Stop) -> int:
    say("Starting wsi-streamer")
    command.start()
    try:
        announced = False
        while not stop.asked and command.is_running():
            if not announced and command.is_healthy():
                announced = True
                say(f"Open http://localhost:{command.port} in a browser. Ctrl-C stops everything.")
            time.sleep(0.1)
        return 0 if stop.asked else command.exit_code()
    finally:
        command.stop()


def say(line: str) -> None:
    """One line of progress."""
    print(f"» {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
