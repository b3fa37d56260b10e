"""Quantities as Kubernetes writes them: ``250m``, ``1.5Gi``, ``2e3``."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal

from wsi_operator.spec.invalid import InvalidSpec

_FORM = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:([eE][+-]?[0-9]{1,2})|(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE])?)")
_BINARY = {"Ki": 1024, "Mi": 1024**2, "Gi": 1024**3, "Ti": 1024**4, "Pi": 1024**5, "Ei": 1024**6}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}


def amount(text: str, field: str) -> Decimal:
    """What a quantity amounts to: bytes, or cores.

    Raises:
        InvalidSpec: it can't be read, or is below zero.
    """
    match = _FORM.fullmatch(text)
    if match is None or Decimal(match[1]) < 0:
        raise InvalidSpec(f"{field} is not a quantity: write 500m, 2, 256Mi or 1.5Gi.")
    number, exponent, suffix = match.groups()
    if suffix in _BINARY:
        return Decimal(number) * _BINARY[suffix]
    return Decimal(f"{number}{exponent}") if exponent else Decimal(number).scaleb(_DECIMAL[suffix or ""])


def canonical(text: str, field: str) -> str:
    """A quantity as the API server writes it back, so that applying it again changes nothing: no fraction, the largest suffix
    that allows that, of the kind that was used (apimachinery's resource.Quantity).

    Raises:
        InvalidSpec: it can't be read, or is below zero.
    """
    value = amount(text, field)
    match = _FORM.fullmatch(text)
    if match is not None and match[3] in _BINARY and value >= 1024:  # what is smaller is written in decimal
        return _binary(int(value.to_integral_value(rounding=ROUND_CEILING)))
    if match is not None and match[2]:
        return _scientific(value)
    return _decimal(value)


def _binary(value: int) -> str:
    best = str(value)
    for suffix, factor in _BINARY.items():
        if value % factor == 0:
            best = f"{value // factor}{suffix}"
    return best


def _decimal(value: Decimal) -> str:
    nano = int((value.scaleb(9)).to_integral_value(rounding=ROUND_CEILING))  # finer than that is rounded up
    if nano == 0:
        return "0"
    for suffix, power in sorted(_DECIMAL.items(), key=lambda item: -item[1]):
        unit = 10 ** (power + 9)
        if nano % unit == 0:
            return f"{nano // unit}{suffix}"
    return f"{nano}n"


def _scientific(value: Decimal) -> str:
    written = _decimal(value)
    digits = written.rstrip("numkMGTPE")
    power = _DECIMAL[written[len(digits) :]]
    return f"{digits}e{power}" if power else digits
