"""What is written down of settings is what the product reads."""

from __future__ import annotations

import ast
import re

from tests.deploy.programs import DEPLOY, ROOT

FOR_TRYING_ONLY = {"KONTOR_EMBEDDED", "KONTOR_TRAVELLING_CLOCK", "KONTOR_LOOPBACK_WEBHOOKS"}
"""Settings of ./run and of tests, which no server may have."""


def test_every_setting_of_a_server_is_explained() -> None:
    explained = _explained((DEPLOY / ".env.example").read_text())
    explained |= _explained((DEPLOY / "provisioner.env.example").read_text())

    assert explained.keys() == _read_by_the_product() - FOR_TRYING_ONLY
    assert [name for name, sentence in explained.items() if len(sentence.split()) < 4] == []


def _read_by_the_product() -> set[str]:
    """What is asked of the environment: env.str("NAME"), and the same inside env.prefixed("BEGINNING_")."""
    trees = [ast.parse(path.read_text()) for path in (ROOT / "config").glob("*.py")]
    asked = [call for tree in trees for call in _asked(tree)]
    beginnings = [call for call in asked if call.func.attr == "prefixed"]
    blocks = [block for tree in trees for block in ast.walk(tree) if isinstance(block, ast.With)]
    beginning_of = {
        inner: _name(beginning)
        for beginning in beginnings
        for block in blocks
        if block.items[0].context_expr is beginning
        for inner in _asked(block)
    }
    return {beginning_of.get(call, "") + _name(call) for call in asked if call not in beginnings}


def _asked(tree: ast.AST) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args
        if isinstance(node.func.value, ast.Name) and node.func.value.id == "env"
    ]


def _name(call: ast.Call) -> str:
    return str(ast.literal_eval(call.args[0]))


def _explained(text: str) -> dict[str, str]:
    """Each setting and the comment that stands above it."""
    found, comment = {}, ""
    for line in text.splitlines():
        if named := re.match(r"(?:# )?([A-Z][A-Z_]+)=", line):
            found[named[1]], comment = comment, ""
        elif line.startswith("# ---") or not line:
            comment = ""
        else:
            comment += line.removeprefix("#")
    return found
