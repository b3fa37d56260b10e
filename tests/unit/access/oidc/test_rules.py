from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wsi_streamer.access.oidc.rules import digest_of, parse_rules, read_rules, rights_of, texts_at
from wsi_streamer.access.permissions import Permission, Role

T, M, L, D, G = Permission.TILES, Permission.METADATA, Permission.LABEL, Permission.DOWNLOAD, Permission.GRANT


def rule(value: str = "a", claim: str = "groups", **fields: Any) -> dict[str, Any]:
    return {"claim": claim, "value": value, "roles": ["viewer"], **fields}


def parsed(*rules: dict[str, Any]) -> Any:
    return parse_rules(json.dumps(rules))


def test_what_a_matching_rule_gives() -> None:
    rules = parsed(rule("pathology", prefixes=["2026/", "old/"], permissions=["metadata", "grant"]))
    rights = rights_of(rules, {"groups": ["staff", "pathology"]})
    assert rights.roles == {Role.VIEWER}
    assert rights.permissions == {T, M, G}
    assert rights.scope.prefixes == ("2026/", "old/")


@pytest.mark.parametrize(
    "claims", [{}, {"groups": []}, {"groups": ["pathologyx"]}, {"groups": {"a": 1}}, {"groups": None}]
)
def test_no_match_is_no_right_at_all(claims: dict[str, Any]) -> None:
    rights = rights_of(parsed(rule("pathology", prefixes=[""])), claims)
    assert (rights.roles, rights.permissions, rights.scope.prefixes) == (frozenset(), frozenset(), ())


def test_no_prefix_is_no_slide_and_the_empty_one_is_every_slide() -> None:
    assert rights_of(parsed(rule()), {"groups": "a"}).scope.prefixes == ()
    assert rights_of(parsed(rule(prefixes=[""])), {"groups": "a"}).scope.is_all()


def test_roles_bring_one_another_nothing() -> None:
    rules = parsed({"claim": "r", "value": "x", "roles": ["admin", "auditor"]}, rule(prefixes=["a/"]))
    rights = rights_of(rules, {"r": "x"})
    assert (rights.roles, rights.permissions, rights.scope.prefixes) == ({Role.ADMIN, Role.AUDITOR}, frozenset(), ())
    assert rights_of(rules, {"r": "x", "groups": ["a"]}).roles == frozenset(Role)


def test_prefixes_of_a_claim_are_never_every_slide() -> None:
    rules = parsed(rule(prefixes=["shared/"], prefixes_claim="ext.slides"))
    claims = {"groups": "a", "ext": {"slides": ["x/", "", 7, None, "shared/"]}}
    assert rights_of(rules, claims).scope.prefixes == ("shared/", "x/")
    assert rights_of(rules, {"groups": "a", "ext": {"slides": ""}}).scope.prefixes == ("shared/",)
    assert rights_of(rules, {"groups": "a"}).scope.prefixes == ("shared/",)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("groups", ("a", "b")),
        ("name", ("Ada B",)),
        ("realm_access.roles", ("admin",)),
        ("https://x.test/groups", ("ns",)),
        ("scope", ("openid", "slides")),
        ("admin", ()),
        ("name.x", ()),
        ("realm_access", ()),
        ("missing.deeply", ()),
    ],
)
def test_claims(path: str, found: tuple[str, ...]) -> None:
    claims = {
        "groups": ["a", "b", 3], "name": "Ada B", "realm_access": {"roles": ["admin"]}, "https://x.test/groups": ["ns"],
        "scope": "openid slides", "admin": True,
    }  # fmt: skip
    assert texts_at(claims, path) == found


def test_any_value_is_any_text() -> None:
    rules = parsed(rule("*", claim="verified"))
    assert rights_of(rules, {"verified": "yes"}).roles
    for nothing in (False, True, "", [], [""], 0):
        assert not rights_of(rules, {"verified": nothing}).roles


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("{", "not JSON"),
        ("{}", "JSON list"),
        ("[3]", "rule 1: it must be an object"),
        ([rule(prefix=["a/"])], "there is no field 'prefix'"),
        ([rule(), {"claim": "g", "roles": ["viewer"]}], "rule 2: 'value'"),
        ([{"claim": "g", "value": "x"}], "'roles' is missing"),
        ([{"claim": "g", "value": "x", "roles": ["root"]}], "'root' is none of the roles: viewer, auditor, admin"),
        ([rule(permissions=["labels"], prefixes=[""])], "'labels' is none of the permissions"),
        ([rule(prefixes="a/")], "'prefixes' must be a list"),
        ([rule(prefixes_claim="")], "'prefixes_claim'"),
        ([rule(permissions=["label"])], "'permissions' without slides"),
        ([rule(roles=["admin"], prefixes=["a/"])], "add the role 'viewer'"),
        ([rule(claim="")], "'claim' must be"),
    ],
)
def test_what_is_wrong_is_said(rules: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_rules(rules if isinstance(rules, str) else json.dumps(rules))


MIXING = [
    (rule("a", prefixes=["x/"], permissions=["label"]), rule("b", prefixes=["y/"])),
    (rule("a", prefixes=[""]), rule("b", prefixes=["y/"], permissions=["label"])),
    (rule("a", prefixes=["x/"], permissions=["label"]), rule("b", prefixes=["x/y/", "z/"], permissions=["metadata"])),
    (rule("a", prefixes_claim="s"), rule("b", prefixes=["y/"], permissions=["label"])),
    (rule("a", prefixes=["y/"], permissions=["label"]), rule("b", prefixes_claim="s")),
    (rule("a", prefixes=["x/"], permissions=["download"]), rule("b", prefixes=["x/y/"], permissions=["grant"])),
]
"""Whoever matches both would get the permissions of one for slides of the other."""

SAFE = [
    (rule("a", prefixes=["x/"], permissions=["label"]), rule("b", prefixes=["y/"], permissions=["label"])),
    (rule("a", prefixes=[""], permissions=["label"]), rule("b", prefixes=["y/"])),
    (rule("a", prefixes=["x/"], permissions=["label"]), rule("b", prefixes=["x/"], permissions=["metadata"])),
    (rule("a", prefixes=["x/"], permissions=["download"]), rule("b", prefixes=["x/y/"], permissions=["label"])),
    (rule("a", prefixes=[""], permissions=["label"]), rule("b", prefixes_claim="s")),
    (rule("a", prefixes_claim="s", permissions=["label"]), rule("b", prefixes_claim="s")),
    (rule("a"), rule("b", prefixes=["y/"], permissions=["label"])),
]


@pytest.mark.parametrize("rules", MIXING)
def test_permissions_never_reach_another_rules_slides(rules: tuple[dict[str, Any], ...]) -> None:
    with pytest.raises(ValueError, match="rules 1 and 2 give different permissions for different slides"):
        parsed(*rules)
    with pytest.raises(ValueError, match="rules 1 and 3"):
        parsed(rules[1], rule("c", prefixes=rules[1].get("prefixes", []), prefixes_claim=rules[1].get("prefixes_claim"),
                              permissions=rules[1].get("permissions", [])), rules[0])  # fmt: skip


@pytest.mark.parametrize("rules", SAFE)
def test_rules_of_which_one_holds_the_other_are_joined(rules: tuple[dict[str, Any], ...]) -> None:
    joined = rights_of(parsed(*rules), {"groups": ["a", "b"], "s": ["s/"]})
    for single in rules:
        alone = rights_of(parsed(single), {"groups": ["a", "b"], "s": ["s/"]})
        assert joined.permissions >= alone.permissions
        assert joined.scope.covers(alone.scope)


def test_rules_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps([rule("ä", prefixes=["x/"])]), encoding="utf-8")
    assert read_rules(f"@{file}")[0].value == "ä"
    with pytest.raises(ValueError, match="can't be read"):
        read_rules(f"@{file}.missing")


def test_the_digest_changes_with_what_the_rules_say() -> None:
    one = parsed(rule(prefixes=["x/"], permissions=["label", "metadata"], roles=["viewer", "admin"]))
    same = parsed(rule(prefixes=["x/"], permissions=["metadata", "label"], roles=["admin", "viewer"]))
    assert digest_of(one) == digest_of(same) == "1fe363ca002bdccc"
    assert digest_of(one) != digest_of(parsed(rule(prefixes=["x/"], permissions=["label"], roles=["viewer", "admin"])))
