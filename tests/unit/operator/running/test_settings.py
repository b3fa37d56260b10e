from __future__ import annotations

import logging

import pytest

from wsi_operator.settings import InvalidSetting, OperatorSettings

IMAGE = {"WSI_OPERATOR_IMAGE": "registry.test/wsi-streamer:1"}


def test_defaults() -> None:
    found = OperatorSettings.of(IMAGE)
    assert found == OperatorSettings((), IMAGE["WSI_OPERATOR_IMAGE"], "default", 20.0, 60.0, 8080, logging.INFO)


def test_namespaces_are_listed_once_each() -> None:
    assert OperatorSettings.of({**IMAGE, "WSI_OPERATOR_NAMESPACES": " a, b,,a "}).namespaces == ("a", "b")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WSI_OPERATOR_IMAGE", " "),
        ("WSI_OPERATOR_RESYNC_SECONDS", "0"),
        ("WSI_OPERATOR_RESYNC_SECONDS", "soon"),
        ("WSI_OPERATOR_RESYNC_SECONDS", "nan"),
        ("WSI_OPERATOR_WATCH_LAG_SECONDS", "-1"),
        ("WSI_OPERATOR_PORT", "70000"),
        ("WSI_OPERATOR_LOG_LEVEL", "loud"),
    ],
)
def test_what_can_not_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidSetting, match=name):
        OperatorSettings.of({**IMAGE, name: value})
