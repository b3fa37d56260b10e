"""`helm test`: streams one tile of one slide, as a viewer does. Standard library alone; no name of a slide is ever written."""

import json
import os
import sys
import time
import urllib.error
import urllib.request

SERVICE = os.environ["SERVICE_URL"]
ADMIN = os.environ["ADMIN_URL"]
MODE = os.environ["ACCESS_MODE"]
TOKEN = os.environ.get("ADMIN_TOKEN", "")
ENDS = time.monotonic() + float(os.environ["TIMEOUT_SECONDS"])
# What a proxy of the cluster's would make of these addresses is not the question.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class NotYet(Exception):
    """It may still come; the text is what to look at if it doesn't."""


def say(line):
    """Into the pod's log, which is all that anybody sees."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def give_up(sentence):
    say(f"FAILED: {sentence}")
    sys.exit(1)


def ask(url, what, *, right=None, body=None, method=None):
    """The answer's status, headers and body; NotYet where nothing answers."""
    headers = {} if right is None else {"Authorization": f"Bearer {right}"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310 - the chart's own http URLs
    try:
        with OPENER.open(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise NotYet(
            f"{what} can't be reached ({type(reason).__name__}: {reason}). Are its pods ready (kubectl get pods), and does a "
            "NetworkPolicy let this pod through (networkPolicy.ingressFrom, test.networkPolicy)?"
        ) from None


def said(body):
    """What an error says of itself; the service's errors never name a slide."""
    try:
        error = json.loads(body)
        return f"{error['error']}: {error['message']}"
    except (ValueError, KeyError, TypeError):
        return "no reason given"


def until(step):
    """Repeat a step until it has come or time is up."""
    while True:
        try:
            return step()
        except NotYet as error:
            if time.monotonic() >= ENDS:
                give_up(str(error))
            time.sleep(2)


def healthy():
    status, _, body = ask(f"{SERVICE}/health", "The Service")
    if status != 200:
        raise NotYet(f"/health answers {status} ({said(body)}): look at the log of the tile pods.")
    say(f"healthy, version {json.loads(body).get('version', 'unknown')}")


def granted():
    """A grant for some minutes, made by the admin API; its id and token."""
    wanted = {"prefix": "", "expires_in": 600, "note": "helm test"}
    status, _, body = ask(f"{ADMIN}/grants", "The admin API of the indexer", right=TOKEN, body=wanted)
    if status == 401:
        give_up(
            "the admin API doesn't take the token in the Secret that ends in -admin: restart the indexer's Deployment."
        )
    if status not in (200, 201):
        raise NotYet(
            f"the admin API makes no grant, it answers {status} ({said(body)}): look at the log of the indexer."
        )
    grant = json.loads(body)
    return grant["id"], grant["token"]


def first_slide(right):
    status, _, body = ask(f"{SERVICE}/slides?limit=1&status=indexed&details=1", "The Service", right=right)
    if status != 200:
        raise NotYet(f"/slides answers {status} ({said(body)}): look at the log of the tile pods, and at the database.")
    slides = json.loads(body)["details"]
    if not slides:
        raise NotYet(
            "no slide is indexed. Is there one in the bucket below storage.prefix, and what does the indexer say "
            "(kubectl describe wsi, its log)?"
        )
    return slides[0]["id"]


def tile(slide, right):
    status, _, body = ask(f"{SERVICE}/slides/{slide}", "The Service", right=right)
    if status != 200:
        raise NotYet(f"the metadata of a slide can't be read: {status} ({said(body)}).")
    levels = json.loads(body)["levels"]
    level = levels[-1]["level"]
    path = f"/tiles/{slide}/{level}/0/0.jpg"
    status, headers, body = ask(SERVICE + path, "The Service", right=right)
    if status != 200:
        raise NotYet(f"a tile can't be read: {status} ({said(body)}). 502 is the object store: look at storage.")
    if not headers.get("Content-Type", "").startswith("image/") or not body.startswith(b"\xff\xd8"):
        give_up(f"what came instead of a tile is no JPEG ({headers.get('Content-Type')}, {len(body)} bytes).")
    if right is not None:
        refused, _, _ = ask(SERVICE + path, "The Service")
        if refused != 401:
            give_up(f"a tile was asked for without any right, and the answer was {refused}, not 401.")
    say(f"a tile of level {level} of {len(levels)}: {len(body)} bytes")


def main():
    until(healthy)
    grant, right = (None, None) if MODE == "open" else until(granted)
    try:
        slide = until(lambda: first_slide(right))
        until(lambda: tile(slide, right))
    finally:
        if grant is not None:
            try:
                ask(f"{ADMIN}/grants/{grant}", "The admin API", right=TOKEN, method="DELETE")
            except NotYet:
                say("the grant could not be taken back; it ends by itself in 10 minutes")
    say("OK: slides stream")


if __name__ == "__main__":
    main()
