"""kubectl and helm, on one cluster."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster.machine.places import Layout, programs
from tests.support.needs import missing


class CommandError(AssertionError):
    """kubectl or helm failed; the text is the command and what it said."""

    def __init__(self, command: str, code: int, output: str) -> None:
        super().__init__(f"{command}: exit code {code}\n{output.strip()}")
        self.output = output


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that tests may do anything in, within namespaces of their own."""

    kubeconfig: Path
    layout: Layout | None = None
    """Where it runs, when it is this machine's own."""

    namespace: str | None = None
    """What commands are about when they don't say."""

    has_node: bool = True

    async def kubectl(self, *arguments: str, stdin: str | bytes | None = None, seconds: float = 60) -> str:
        """What ``kubectl`` writes.

        Raises:
            CommandError: it failed.
        """
        return await self._run("kubectl", *arguments, stdin=stdin, seconds=seconds)

    async def helm(self, *arguments: str, seconds: float = 120) -> str:
        """What ``helm`` writes.

        Raises:
            CommandError: it failed.
        """
        return await self._run("helm", *arguments, seconds=seconds)

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        """``kubectl``, for as long as it takes (``port-forward``): whoever starts it ends it."""
        return await asyncio.create_subprocess_exec(
            str(_program("kubectl")),
            *(("--namespace", self.namespace) if self.namespace else ()),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            env=self.environment(),
        )

    async def apply(self, *manifests: Mapping[str, Any], options: tuple[str, ...] = ()) -> str:
        """``kubectl apply`` of objects.

        Raises:
            CommandError: one was refused.
        """
        listed = {"apiVersion": "v1", "kind": "List", "items": list(manifests)}
        return await self.kubectl("apply", "-f", "-", *options, stdin=json.dumps(listed))

    async def get(self, kind: str, name: str, *options: str) -> dict[str, Any]:
        """One object.

        Raises:
            CommandError: there is none.
        """
        found: dict[str, Any] = json.loads(await self.kubectl("get", kind, name, "-o", "json", *options))
        return found

    async def list(self, kind: str, *options: str) -> list[dict[str, Any]]:
        """Objects of a kind."""
        found: list[dict[str, Any]] = json.loads(await self.kubectl("get", kind, "-o", "json", *options))["items"]
        return found

    async def wait(self, *arguments: str, seconds: float = 60) -> None:
        """``kubectl wait``, and where it is in vain what the pods and events of the namespace say.

        Raises:
            CommandError: not in time.
        """
        try:
            await self.kubectl("wait", *arguments, f"--timeout={seconds:.0f}s", seconds=seconds + 10)
        except CommandError as error:
            raise CommandError("kubectl wait", 1, f"{error.output}\n{await self.situation()}") from error

    async def situation(self) -> str:
        """Pods and the latest events of the namespace, for failures."""
        pods = await self.kubectl("get", "pods", "-o", "wide")
        events = await self.kubectl("get", "events", "--sort-by=.lastTimestamp")
        return f"{pods}\n" + "\n".join(events.splitlines()[-25:])

    def audited(self) -> list[dict[str, Any]]:
        """All that the API server has answered so far: ``user.username``, ``verb``, ``objectRef``, ``responseStatus``. Only this
        machine's own cluster tells; on others the test skips."""
        if self.layout is None:
            missing("the audit log of the API server (another cluster's is not ours to read)")
        lines = self.layout.audit_log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.endswith("}")]

    def within(self, namespace: str) -> Cluster:
        """The same, with another namespace."""
        return Cluster(self.kubeconfig, self.layout, namespace, self.has_node)

    def environment(self) -> dict[str, str]:
        """For programs that talk to it."""
        path = f"{programs()}{os.pathsep}{os.environ.get('PATH', '')}"
        home = str(self.kubeconfig.parent) if self.layout else os.environ.get("HOME", tempfile.gettempdir())
        return {"PATH": path, "HOME": home, "KUBECONFIG": str(self.kubeconfig)}

    async def _run(self, program: str, *arguments: str, stdin: str | bytes | None = None, seconds: float = 60) -> str:
        command = [program, *(("--namespace", self.namespace) if self.namespace else ()), *arguments]
        process = await asyncio.create_subprocess_exec(
            str(_program(program)),
            *command[1:],
            stdin=asyncio.subprocess.PIPE if stdin is not None else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environment(),
        )
        sent = stdin.encode() if isinstance(stdin, str) else stdin
        try:
            async with asyncio.timeout(seconds):
                said, wrong = await process.communicate(sent)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise CommandError(" ".join(command), -9, f"not done after {seconds} s") from None
        if process.returncode:
            output = said.decode(errors="replace") + wrong.decode(errors="replace")
            raise CommandError(" ".join(command), process.returncode, output)
        return said.decode()


def _program(name: str) -> Path:
    built = programs() / name
    return built if built.exists() else Path(name)
