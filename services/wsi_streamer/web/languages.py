"""The language of a page: what its reader's browser asks for, as far as there is one for it."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "ja"]

LANGUAGES: tuple[Language, ...] = ("en", "ja")
"""That pages are written in; the first one is for everyone else."""


def chosen(accept_language: str) -> Language:
    """By an Accept-Language header (RFC 9110, 12.5.4): the one with the highest weight, of equal ones the one named first.
    ``ja-JP`` asks for ``ja``; ``*`` for the first that is not named itself. What can't be read is passed over."""
    weights: dict[Language, float] = {}
    others: float | None = None
    for part in accept_language.lower().split(","):
        tag, _, parameters = part.partition(";")
        weight = _weight(parameters)
        if weight is None:
            continue
        name = tag.strip()
        if name == "*":
            others = weight
        for language in LANGUAGES:
            # The first of en-GB and en-US counts: browsers send them in order.
            if name == language or name.startswith(f"{language}-"):
                weights.setdefault(language, weight)
    if others is not None:
        weights.setdefault(next((one for one in LANGUAGES if one not in weights), LANGUAGES[0]), others)
    wanted = [language for language, weight in weights.items() if weight > 0]
    return max(wanted, key=lambda language: weights[language], default=LANGUAGES[0])


def _weight(parameters: str) -> float | None:
    """From 0 to 1; None for what is not one."""
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return None
    return weight if name.strip() == "q" and 0 <= weight <= 1 else None
