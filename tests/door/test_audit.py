"""Known holes are told, and what could not be asked is not told as fine."""

from __future__ import annotations

import json

from deploy.local import audit
from deploy.local.audit import Checked

HOLE = {"id": "PYSEC-2026-1", "fix_versions": ["2.9.1"], "aliases": [], "description": "..."}


def test_a_hole_of_a_python_package_is_told_with_what_mends_it() -> None:
    told = {"dependencies": [{"name": "urllib3", "version": "2.9.0", "vulns": [HOLE]}], "fixes": []}

    found = audit.of_python(json.dumps(told))

    assert found == Checked(1, 0, ["urllib3 2.9.0: PYSEC-2026-1, mended in 2.9.1"])
    assert audit.sentences("Python", found) == ["Python: urllib3 2.9.0: PYSEC-2026-1, mended in 2.9.1"]


def test_a_source_that_knows_none_of_the_packages_has_checked_nothing() -> None:
    """So pip-audit tells of a mirror that has the packages but not what is known of them, and ends with 0."""
    told = {"dependencies": [{"name": "flask", "skip_reason": "Dependency not found"}], "fixes": []}

    found = audit.of_python(json.dumps(told))

    assert found == Checked(0, 1, [])
    assert audit.sentences("Python", found)[0].startswith("Python: nothing could be checked")


def test_packages_that_were_left_out_are_counted() -> None:
    told = {
        "dependencies": [{"name": "flask", "version": "3.1", "vulns": []}, {"name": "rq", "skip_reason": "not found"}]
    }

    sentences = audit.sentences("Python", audit.of_python(json.dumps(told)))

    assert sentences == ["Python: no known hole in 1 packages.", "Python: 1 packages could not be checked."]


def test_a_hole_of_a_node_package_is_told() -> None:
    told = {
        "vulnerabilities": {"esbuild": {"name": "esbuild", "severity": "high", "range": "<=0.28.1"}},
        "metadata": {"dependencies": {"prod": 30, "total": 31}},
    }

    assert audit.of_node(json.dumps(told)) == Checked(31, 0, ["esbuild: high, in <=0.28.1"])


def test_a_registry_that_does_not_answer_has_checked_nothing() -> None:
    refused = {"message": "405 Method Not Allowed", "statusCode": 405, "error": {"summary": "", "detail": ""}}

    for told in (json.dumps(refused), "", "npm error network"):
        assert audit.of_node(told) == Checked(0, 0, [])
