"""Why pods don't run, in a sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wsi_operator.resources.labels import COMPONENT, Component
from wsi_operator.status.condition import shortened

_CHANGES = re.compile(r"rpc error: code = \w+ desc = |:\d+(?=->)")
"""A port of a try's own, for one."""

_ALIKE = {"ErrImagePull": "ImagePullBackOff"}
"""Takes turns with the other while nothing changes."""

_HINTS = {
    "ImagePullBackOff": "check image.repository, image.tag and image.pullSecrets",
    "ErrImageNeverPull": "load the image on the node, or set image.pullPolicy to IfNotPresent",
    "InvalidImageName": "check image.repository and image.tag",
    "CreateContainerConfigError": "check the Secrets and ConfigMaps that the spec names",
    "RunContainerError": "check the image",
    "CreateContainerError": "check the image",
}


def failing_pods(pods: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """A sentence for each way in which some of these pods fail, the commonest first. Pods that are being deleted are left out."""
    found: Counter[str] = Counter()
    for pod in pods:
        metadata: Mapping[str, Any] = pod.get("metadata") or {}
        if metadata.get("deletionTimestamp"):
            continue
        what = _component(pod) or "a pod"
        found.update({f"{str(what).capitalize()}: {said}" for said in _complaints(pod)})
    return tuple(sentence for sentence, _ in found.most_common(4))


@dataclass(frozen=True, slots=True)
class Exit:
    """How a container ended."""

    code: int
    words: str
    """As ``Indexer: the container ended with code 3: its last line.``"""


def last_exit(pods: Iterable[Mapping[str, Any]], components: Collection[str]) -> Exit | None:
    """How a pod of these components ended with last; None where a newer one is ready, or none ever ended. While the
    next try has not ended, the last one counts: what is told must not flap. A migration's container has no probe, so it is
    "ready" as soon as it runs, which says nothing."""
    ours = [pod for pod in pods if _component(pod) in components]
    for pod in sorted(ours, key=lambda pod: str(pod["metadata"].get("creationTimestamp")), reverse=True):
        for container in (pod.get("status") or {}).get("containerStatuses") or ():
            if container.get("ready") and _component(pod) != Component.MIGRATE:
                return None
            for state in ("state", "lastState"):
                ended = (container.get(state) or {}).get("terminated") or {}
                if "exitCode" in ended:
                    what = _component(pod).capitalize()
                    return Exit(int(ended["exitCode"]), f"{what}: the container ended{ended_with(ended)}.")
    return None


def _component(pod: Mapping[str, Any]) -> str:
    return str((pod["metadata"].get("labels") or {}).get(COMPONENT) or "")


def _complaints(pod: Mapping[str, Any]) -> Iterator[str]:
    status: Mapping[str, Any] = pod.get("status") or {}
    for condition in status.get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("reason") == "Unschedulable":
            yield f"no node takes the pods: {shortened(str(condition.get('message') or ''), 300)}"
    ended = status.get("phase") == "Failed"
    for container in (status.get("initContainerStatuses") or []) + (status.get("containerStatuses") or []):
        state: Mapping[str, Any] = container.get("state") or {}
        waiting: Mapping[str, Any] = state.get("waiting") or {}
        reason = _ALIKE.get(str(waiting.get("reason") or ""), str(waiting.get("reason") or ""))
        if ended and state.get("terminated"):
            yield f"the container ended{ended_with(state['terminated'])}."
        elif reason in _HINTS:
            yield f"{reason}: {_HINTS[reason]} ({_cause(str(waiting.get('message') or ''))})."
        elif reason == "CrashLoopBackOff" or _was_restarted(container):
            yield f"the container exits again and again{_words_of_last(container)}."


def _was_restarted(container: Mapping[str, Any]) -> bool:
    """Between two tries it runs, or has just ended: what is told must not change with that."""
    return not container.get("ready") and bool(container.get("restartCount")) and bool(_words_of_last(container))


def _words_of_last(container: Mapping[str, Any]) -> str:
    """How it ended last: the exit code, and the last line of what it said. Empty when it never failed."""
    states = [container.get(name) or {} for name in ("state", "lastState")]
    ended: Mapping[str, Any] = next((state["terminated"] for state in states if state.get("terminated")), {})
    if ended.get("reason") == "OOMKilled":
        return " because it needs more memory than its limit: raise resources.limits.memory"
    return ended_with(ended) if ended.get("exitCode") else ""


def ended_with(terminated: Mapping[str, Any]) -> str:
    """As `` with code 2: its last line``; empty when nothing is known."""
    if "exitCode" not in terminated:
        return ""
    lines = str(terminated.get("message") or "").strip().splitlines()
    said = f": {shortened(lines[-1].removeprefix('Error: '), 300).rstrip('.')}" if lines else ""
    return f" with code {terminated['exitCode']}{said}"


def _cause(message: str) -> str:
    """The end rather than the beginning, since there the cause stands; without what changes from one try to the next."""
    message = message.split("ErrImagePull: ")[-1]
    _, _, cause = message.rpartition(": failed to ")
    steady = _CHANGES.sub("", cause or message)
    return shortened(steady, 400) or "the cluster says no more"
