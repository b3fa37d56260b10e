"""Who may do what: rules from a token's claims to roles, permissions and slides."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

from wsi_streamer.access.permissions import GRANTABLE, Permission, Role
from wsi_streamer.access.scope import Scope

_FIELDS = frozenset({"claim", "value", "roles", "prefixes", "prefixes_claim", "permissions"})
_WORD_LISTS = frozenset({"scope", "scp"})
"""Claims that are a list of words in one text (RFC 9068, 2.2.3; Entra's scp)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What those get whose claim has a value."""

    claim: str
    """A name, or a path through objects: ``realm_access.roles``."""

    value: str
    """``*`` is any text that is not empty."""

    roles: frozenset[Role]
    prefixes: tuple[str, ...] = ()
    """Which slides a viewer sees; the empty prefix is every slide, no prefix is none."""

    prefixes_claim: str | None = None
    """A claim that holds further prefixes."""

    permissions: frozenset[Permission] = frozenset()
    """Of a viewer, TILES among them."""

    def matches(self, claims: Mapping[str, Any]) -> bool:
        """Whether a token's claims have the value."""
        found = texts_at(claims, self.claim)
        return bool(found) if self.value == "*" else self.value in found

    def scope(self, claims: Mapping[str, Any]) -> Scope:
        """The slides that it gives for such claims. An empty prefix counts only where the rule itself has it: whoever
        fills in claims must not open everything by leaving one blank."""
        named = texts_at(claims, self.prefixes_claim) if self.prefixes_claim else ()
        return Scope(tuple(dict.fromkeys((*self.prefixes, *named))))


@dataclass(frozen=True, slots=True)
class Rights:
    """What all rules that match give together."""

    roles: frozenset[Role] = frozenset()
    permissions: frozenset[Permission] = frozenset()
    scope: Scope = field(default_factory=Scope)


def rights_of(rules: Sequence[Rule], claims: Mapping[str, Any]) -> Rights:
    """What a token's claims give; no role at all where no rule matches.

    Joining is safe: `parse_rules` lets no two rules pass of which one's permissions would reach the other's slides.
    """
    matching = [rule for rule in rules if rule.matches(claims)]
    viewers = [rule for rule in matching if Role.VIEWER in rule.roles]
    prefixes = tuple(dict.fromkeys(prefix for rule in viewers for prefix in rule.scope(claims).prefixes))
    scope = Scope.all() if "" in prefixes else Scope(prefixes)
    return Rights(
        frozenset(role for rule in matching for role in rule.roles),
        frozenset(permission for rule in viewers for permission in rule.permissions),
        scope,
    )


def digest_of(rules: Sequence[Rule]) -> str:
    """16 hex digits that change with what the rules say, the same in every process."""
    said = [
        [rule.claim, rule.value, sorted(rule.roles), rule.prefixes, rule.prefixes_claim, sorted(rule.permissions)]
        for rule in rules
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def texts_at(claims: Mapping[str, Any], path: str) -> tuple[str, ...]:
    """The texts of a claim, be it one or a list; none where it is missing or something else. A claim whose own name holds
    the dots (``https://example.org/groups``) comes first."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for name in path.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        found = found.split() if path in _WORD_LISTS else [found]
    return tuple(item for item in found if isinstance(item, str) and item) if isinstance(found, list) else ()


def read_rules(text: str) -> tuple[Rule, ...]:
    """`parse_rules` of a setting: the rules themselves, or ``@`` and the file that holds them.

    Raises:
        ValueError: a sentence that says what to mend.
    """
    if not text.startswith("@"):
        return parse_rules(text)
    try:
        return parse_rules(Path(text[1:]).read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"the file {text[1:]} can't be read: {error.strerror or error}") from None


def parse_rules(text: str) -> tuple[Rule, ...]:
    """Rules from JSON, a list of objects.

    Raises:
        ValueError: a sentence that says which rule is wrong and what to mend.
    """
    try:
        items = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the rules are not JSON: {error}") from None
    if not isinstance(items, list):
        raise ValueError(  # noqa: TRY004 - what the operator wrote, no caller's mistake
            'the rules must be a JSON list: [{"claim": "groups", "value": "pathology", "roles": ["viewer"]}]'
        )
    rules = []
    for number, item in enumerate(items, 1):
        try:
            rules.append(_rule(item))
        except ValueError as error:
            raise ValueError(f"rule {number}: {error}") from None
    _check_mixtures(rules)
    return tuple(rules)


def _rule(item: Any) -> Rule:
    if not isinstance(item, dict):
        raise ValueError("it must be an object in braces")  # noqa: TRY004
    if unknown := sorted(set(item) - _FIELDS):
        raise ValueError(f"there is no field '{unknown[0]}'; the fields are {', '.join(sorted(_FIELDS))}")
    for name in ("claim", "value"):
        if not isinstance(item.get(name), str) or not item[name]:
            raise ValueError(f"'{name}' must be a text that is not empty")
    prefixes_claim = item.get("prefixes_claim")
    if prefixes_claim is not None and (not isinstance(prefixes_claim, str) or not prefixes_claim):
        raise ValueError("'prefixes_claim' must be the name of a claim")
    roles = frozenset(_known(Role, item, "roles"))
    if not roles:
        raise ValueError("'roles' is missing: a list of viewer, auditor, admin")
    permissions = frozenset(_known(Permission, item, "permissions"))
    prefixes = tuple(_texts(item, "prefixes"))
    if Role.VIEWER not in roles:
        if permissions or prefixes or prefixes_claim:
            raise ValueError("permissions and prefixes are a viewer's: add the role 'viewer', or leave them out")
        return Rule(item["claim"], item["value"], roles)
    if permissions and not prefixes and not prefixes_claim:
        raise ValueError("'permissions' without slides: say for which by 'prefixes' ([\"\"] is every slide)")
    return Rule(item["claim"], item["value"], roles, prefixes, prefixes_claim, permissions | {Permission.TILES})


def _texts(item: Mapping[str, Any], name: str) -> list[str]:
    found = item.get(name, [])
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise ValueError(f"'{name}' must be a list of texts")
    return found


def _known(kind: type[Role] | type[Permission], item: Mapping[str, Any], name: str) -> list[Any]:
    found = _texts(item, name)
    for text in found:
        if text not in list(kind):
            raise ValueError(f"'{text}' is none of the {name}: {', '.join(kind)}")
    return [kind(text) for text in found]


def _check_mixtures(rules: Sequence[Rule]) -> None:
    """A caller has one set of slides and one of permissions. That says what two rules say together only where the one
    rule gives all that the other does, or where both have the same slides, or both the same permissions."""
    slides = [(number, rule) for number, rule in enumerate(rules, 1) if rule.prefixes or rule.prefixes_claim]
    for (first, one), (second, other) in combinations(slides, 2):
        same = _all_of(one) == _all_of(other) or _slides(one) == _slides(other)
        if same or _contains(one, other) or _contains(other, one):
            continue
        raise ValueError(
            f"rules {first} and {second} give different permissions for different slides: whoever matches both would get "
            "the permissions of one for the slides of the other. Give both the same permissions, or let one give all that "
            "the other does"
        )


def _contains(one: Rule, other: Rule) -> bool:
    if not _all_of(one) >= _all_of(other):
        return False
    if "" in one.prefixes:
        return True
    same_claim = other.prefixes_claim in (None, one.prefixes_claim)
    return same_claim and Scope(one.prefixes).covers(Scope(other.prefixes))


def _slides(rule: Rule) -> tuple[frozenset[str], str | None]:
    return frozenset(rule.prefixes), rule.prefixes_claim


def _all_of(rule: Rule) -> frozenset[Permission]:
    """What `Caller.may` makes of its permissions."""
    return rule.permissions | GRANTABLE if Permission.DOWNLOAD in rule.permissions else rule.permissions
