"""Secrets are compared in constant time: no ``==`` stands between one and what a request shows. Read from the source."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import wsi_streamer

ROOT = Path(wsi_streamer.__file__).parent

_SECRET = re.compile(
    r"(?:^|_)(?:mac|digest|signature|sig|secret|password|token|hmac|vt|nonce|verifier|expected|given)(?:$|_)"
)
_CHECKED = ("access", "indexer/admin_auth.py")
"""Where what a request shows meets a secret."""


def _files() -> list[Path]:
    found = [
        path
        for part in _CHECKED
        for path in ([ROOT / part] if part.endswith(".py") else sorted((ROOT / part).rglob("*.py")))
    ]
    return [
        # What the audit log compares are hashes of its own records, which are no secrets.
        *(path for path in found if "audit" not in path.parts),
        *sorted(ROOT.glob("tiles/*session*.py")),
        *sorted(ROOT.glob("tiles/*sign_in*.py")),
        *sorted(ROOT.glob("tiles/*grant*.py")),
    ]


def _names(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, ast.Attribute):
        return {node.attr}
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return {str(node.slice.value)}
    if isinstance(node, ast.Call):
        return _names(node.func)
    return set()


def _is_harmless(node: ast.AST) -> bool:
    """A constant, a length, None: what tells nothing of a secret."""
    if isinstance(node, ast.Constant):
        return True
    return isinstance(node, ast.Call) and _names(node.func) == {"len"}


def compared_secrets(source: str) -> list[int]:
    """Lines that compare something called like a secret by ``==``, ``!=`` or ``in``."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.In | ast.NotIn):
            continue
        sides = [node.left, *node.comparators]
        named = {name for side in sides for name in _names(side)}
        if any(_SECRET.search(name) for name in named) and not any(_is_harmless(side) for side in sides):
            found.append(node.lineno)
    return found


def test_no_secret_is_compared_by_equality() -> None:
    found = [f"{path.relative_to(ROOT)}:{line}" for path in _files() for line in compared_secrets(path.read_text())]
    assert found == []


def test_each_check_of_a_right_uses_compare_digest() -> None:
    for name in ("access/signatures.py", "access/grants/token.py", "access/session_cookie.py", "indexer/admin_auth.py"):
        assert "compare_digest" in (ROOT / name).read_text(), name


def test_the_check_finds_what_it_looks_for() -> None:
    assert compared_secrets("if token == expected: pass") == [1]
    assert compared_secrets("x = self.admin_token != given") == [1]
    assert compared_secrets("x = hmac.new(k).hexdigest() == signature") == [1]
    assert compared_secrets("x = given in known_tokens") == [1]
    assert compared_secrets("x = len(signature) == 64 or token == ''") == []
