"""The findings as text for people, as data for programs, as SQL for psql."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenants import engines
from tenants.doctor.findings import Finding


def text(findings: Sequence[Finding]) -> str:
    return "\n".join(f"{_mark(f)}  {f.part}: {f.sentence}{_remedy(f)}" for f in findings)


def _mark(finding: Finding) -> str:
    if finding.is_hint:
        return "hint "
    return "ok   " if finding.is_fine else "WRONG"


def _remedy(finding: Finding) -> str:
    return f"\n         {finding.remedy}" if finding.remedy else ""


def data(findings: Sequence[Finding]) -> dict[str, Any]:
    told = [{"part": f.part, "ok": f.is_fine, "sentence": f.sentence, "remedy": f.remedy} for f in findings]
    return {"healthy": healthy(findings), "findings": told}


def healthy(findings: Sequence[Finding]) -> bool:
    return all(finding.is_fine for finding in findings)


def sql(findings: Sequence[Finding]) -> str:
    """Statements that mend schemas; what needs a look first is a comment."""
    return "\n".join([f"SET ROLE {engines.OWNER};", *(line for finding in findings for line in finding.sql)])
