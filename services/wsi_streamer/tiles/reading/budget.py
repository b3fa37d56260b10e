"""How many bytes may be read for one viewer that it has not asked for."""

from __future__ import annotations

FIRST = 3_000_000
"""Bytes a new viewer is trusted with: two screenfuls or three."""

MOST = 16_000_000

EARNED = 0.1
"""Bytes earned by each byte that was read because it was asked for: what a viewer that uses no guess can waste."""

REWARD = 1.3
"""Bytes earned by each guessed byte that is used: guesses may be wrong by so much for as long as it goes on."""


class Budget:
    """Spent by guesses, and given back when they are used."""

    def __init__(self) -> None:
        self.left = float(FIRST)

    def spend(self, size: int) -> bool:
        """Whether ``size`` bytes may be guessed; then they are spent."""
        if size > self.left:
            return False
        self.left -= size
        return True

    def used(self, size: int) -> None:
        """A guess of ``size`` bytes was asked for after all."""
        self.left = min(MOST, self.left + REWARD * size)

    def asked(self, size: int) -> None:
        """``size`` bytes were read because they were asked for."""
        self.left = min(MOST, self.left + EARNED * size)
