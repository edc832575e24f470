"""What runbook and table of security name is there."""

from __future__ import annotations

import re

from tests.deploy.programs import DEPLOY, ROOT

CHAPTERS = 17


def test_the_table_of_security_has_every_chapter_and_names_tests_that_exist() -> None:
    rows = [
        line.split("|")[1:-1] for line in (DEPLOY / "security.md").read_text().splitlines() if line.startswith("| V")
    ]

    named = {test for row in rows for test in re.findall(r"tests/[\w/]+\.py", row[3])}
    assert [int(row[0].split()[0][1:]) for row in rows] == list(range(1, CHAPTERS + 1))
    assert {test for test in named if not (ROOT / test).exists()} == set()
    assert [row[0] for row in rows if row[1].strip() in {"yes", "partly"} and "tests/" not in row[3]] == []


def test_the_runbook_names_files_that_exist() -> None:
    named = set(re.findall(r"(?:deploy|tests)/[\w/.-]+\.\w+", (DEPLOY / "runbook.md").read_text()))
    written_at_the_start = {"deploy/.env", "deploy/provisioner.env"}

    assert {name for name in named - written_at_the_start if not (ROOT / name).exists()} == set()
