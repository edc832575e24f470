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
    """What is asked of the environment: env.str("NAME"), env.int("NAME", ...)."""
    asked = set()
    for path in (ROOT / "config").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                owner, first = node.func.value, node.args[0]
                if isinstance(owner, ast.Name) and owner.id == "env" and isinstance(first, ast.Constant):
                    asked.add(str(first.value))
    return asked


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
