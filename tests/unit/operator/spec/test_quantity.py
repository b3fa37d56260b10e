"""Quantities, as apimachinery's resource.Quantity reads and writes them (quantity.go, quantity_test.go)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsi_operator.spec.invalid import InvalidSpec
from wsi_operator.spec.quantity import amount, canonical


@pytest.mark.parametrize(
    ("written", "read_back"),
    [
        ("500m", "500m"), ("0.5", "500m"), (".5", "500m"), ("1500m", "1500m"), ("1000m", "1"), ("2", "2"), ("2.5", "2500m"),
        ("1000", "1k"), ("1500", "1500"), ("0", "0"), ("0Mi", "0"), ("00100", "100"), ("1.", "1"),
        ("256Mi", "256Mi"), ("1024Mi", "1Gi"), ("1536Mi", "1536Mi"), ("1.5Gi", "1536Mi"), ("2048Ki", "2Mi"), ("0.5Mi", "512Ki"),
        ("0.5Ki", "512"), ("1Ki", "1Ki"), ("0.1Ki", "102400m"), ("1.0005Ki", "1025"), ("1073741824", "1073741824"),
        ("1e3", "1e3"), ("1E3", "1e3"), ("2e9", "2e9"), ("1500e6", "1500e6"), ("1e-3", "1e-3"), ("10e-1", "1"), ("1G", "1G"),
        ("100n", "100n"), ("1000u", "1m"), ("0.1n", "1n"), ("1E", "1E"), ("2Ei", "2Ei"),
    ],
)  # fmt: skip
def test_the_canonical_form(written: str, read_back: str) -> None:
    assert canonical(written, "x") == read_back
    assert canonical(read_back, "x") == read_back


@pytest.mark.parametrize("text", ["", "Mi", "1 Gi", "1KB", "-1", "1e", "0x1", "1.2.3", "1mi", "NaN", "infinity"])
def test_what_is_no_quantity_is_named(text: str) -> None:
    with pytest.raises(InvalidSpec, match=r"^spec\.tiles\.cacheSize is not a quantity"):
        canonical(text, "spec.tiles.cacheSize")


@given(
    st.integers(0, 10**6),
    st.sampled_from(["", "n", "u", "m", "k", "M", "G", "Ki", "Mi", "Gi", "Ti", "e3", "e-3", "e6"]),
)
def test_the_form_changes_and_the_amount_does_not(number: int, suffix: str) -> None:
    written = f"{number}{suffix}"
    assert amount(canonical(written, "x"), "x") == amount(written, "x")


def test_amounts() -> None:
    assert amount("1.5Gi", "x") == 1536 * 1024 * 1024
    assert amount("250m", "x") == Decimal("0.25")
    assert amount("2e9", "x") == 2_000_000_000
