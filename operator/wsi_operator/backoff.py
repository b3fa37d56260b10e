"""How long to wait after a failure."""

from __future__ import annotations

CAP_SECONDS = 30.0
LONGEST_SECONDS = 60.0
_FIRST_SECONDS = 0.5


def backoff(failures: int, *, retry_after: float | None = None, jitter: float = 0.5) -> float:
    """Seconds until the next try after so many failures in a row (from 1).

    Doubles from half a second up to half a minute, a fifth more or less by ``jitter`` (0 to 1, 0.5 for neither). What
    the server asked for is the least, even beyond the cap, but not beyond a minute: the page of a proxy under maintenance
    may ask for an hour.
    """
    doubled = _FIRST_SECONDS * 2.0 ** min(failures - 1, 16)
    wait = min(CAP_SECONDS, doubled * (0.8 + 0.4 * jitter))
    return max(wait, min(LONGEST_SECONDS, retry_after or 0.0))
