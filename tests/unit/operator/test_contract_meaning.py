"""Where the operator judges as the services do, it judges alike: schedules, rules for identities, times and metrics."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.crd import fields_of, spec_schema
from tests.unit.operator.samples import INGRESS, MINIMAL, streamer_of
from wsi_operator.resources.alerts import alerts
from wsi_operator.resources.autoscaler import IN_FLIGHT
from wsi_operator.resources.tile_deployment import PRE_STOP_SECONDS
from wsi_operator.spec.cron import check_schedule
from wsi_operator.spec.fields import Fields
from wsi_operator.spec.invalid import InvalidSpec
from wsi_operator.spec.rule import Rule, check_mixtures
from wsi_streamer.access.oidc.rules import parse_rules
from wsi_streamer.indexer.scan_times import ScanTimes
from wsi_streamer.telemetry.metrics import Metrics
from wsi_streamer.web.server import GRACE_SECONDS

_ITEMS = st.from_regex(r"(\*|[0-9]{1,2}(-[0-9]{1,2})?)(/[0-9]{1,2})?(,[0-9]{1,2})?", fullmatch=True)


@settings(max_examples=400, deadline=None)
@given(st.tuples(*[st.one_of(st.just("*"), _ITEMS)] * 5))
def test_the_indexer_takes_every_schedule_that_the_operator_does(fields: tuple[str, ...]) -> None:
    schedule = " ".join(fields)
    try:
        check_schedule(schedule, "x")
    except InvalidSpec:
        return
    ScanTimes.of(schedule)


_RULE = st.fixed_dictionaries(
    {
        "claim": st.just("groups"),
        "value": st.just("x"),
        "roles": st.lists(st.sampled_from(["viewer", "admin"]), max_size=2),
    },
    optional={
        "prefixes": st.lists(st.sampled_from(["", "a/", "a/b/", "c/"]), max_size=2, unique=True),
        "prefixesClaim": st.sampled_from(["one", "two"]),
        "permissions": st.lists(
            st.sampled_from(["tiles", "metadata", "label", "macro", "download", "grant"]), max_size=3, unique=True
        ),
    },
)


@settings(max_examples=400, deadline=None)
@given(st.lists(_RULE, max_size=3))
def test_the_operator_refuses_the_rules_that_the_services_refuse(items: list[dict[str, Any]]) -> None:
    try:
        rules = [Rule.of(Fields(item, f"rules[{number}]")) for number, item in enumerate(items)]
        check_mixtures(rules, "rules")
    except InvalidSpec:
        renamed = [
            {"prefixes_claim" if name == "prefixesClaim" else name: v for name, v in item.items()} for item in items
        ]
        with pytest.raises(ValueError):
            parse_rules(json.dumps(renamed))
        return
    read = parse_rules(json.dumps([rule.as_setting() for rule in rules]))
    for rule, services in zip(rules, read, strict=True):
        assert (rule.claim, rule.value, frozenset(rule.roles)) == (services.claim, services.value, services.roles)
        assert (rule.prefixes, rule.prefixes_claim) == (services.prefixes, services.prefixes_claim)


def test_a_pod_has_time_to_finish_what_it_serves() -> None:
    (least,) = [
        field["minimum"] for path, field in fields_of(spec_schema()) if path == ("tiles", "terminationGraceSeconds")
    ]
    assert least > PRE_STOP_SECONDS + GRACE_SECONDS


def test_alerts_are_about_metrics_and_labels_that_there_are() -> None:
    metrics = Metrics()
    metrics.show_requests_in_flight(lambda: 0)
    families = {family.name: family for family in metrics.families()}
    labels = {
        name: set(getattr(collector, "_labelnames", ()))
        for collector, name in ((value, getattr(value, "_name", "")) for value in vars(metrics).values())
    }
    from_prometheus = {"namespace", "job", "le"}
    for alert in (*alerts(streamer_of(MINIMAL)), *alerts(streamer_of(INGRESS))):
        for name, selector in re.findall(r"(wsi_\w+)\{([^}]*)\}", alert.expression):
            base = re.sub(r"_(total|bucket)$", "", name)
            assert base in families, alert.name
            used = set(re.findall(r"(\w+)[=!]", selector))
            assert used - from_prometheus <= labels[base], alert.name
    assert IN_FLIGHT in families
