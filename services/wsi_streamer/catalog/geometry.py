"""Levels as JSON values."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from wsi_streamer.slides.level import Level
from wsi_streamer.slides.recipe import Recipe


def geometry_json(level: Level) -> dict[str, Any]:
    """All of a level but its recipe."""
    return {name: value for name, value in asdict(level).items() if name != "recipe"}


def level_from_json(geometry: dict[str, Any], recipe: dict[str, Any]) -> Level:
    """The inverse."""
    return Level(**geometry, recipe=Recipe.from_json(recipe))
