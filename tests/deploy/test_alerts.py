"""Alert rules and dashboard ask for exactly what /metrics tells, and every alert has its cure in the runbook."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.firms import Firm
from tests.house.sources import ROOT

RULES = ROOT / "deploy" / "prometheus" / "rules.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "kontor.json"
RUNBOOK = ROOT / "deploy" / "runbook.md"


@pytest.fixture(scope="module")
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        if os.environ.get("KONTOR_TOOLS_REQUIRED") == "1":
            pytest.fail("promtool is missing: install the package prometheus.")
        pytest.skip("promtool is missing: install the package prometheus.")
    return found


def ask(promtool: str, *words: str) -> str:
    """Raises AssertionError with what it says unless it is content."""
    answer = subprocess.run([promtool, *words], capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def expressions() -> Iterator[str]:
    """What the dashboard asks Prometheus for."""
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def families(text: str) -> set[str]:
    """Names of our metrics, without what a histogram adds."""
    return {re.sub("_(bucket|sum|count)$", "", name) for name in re.findall(r"\bkontor_[a-z_]+", text)}


def exposed(firm: Firm) -> set[str]:
    from app.health import exposition
    from app.operators import gathering
    from tenants import heartbeat
    from tenants.isolation import Isolated

    heartbeat.beat("scheduler")
    with Isolated("upkeep"):
        raise ValueError
    firm.client().get(f"{firm.url}/contacts")
    with firm.app.app_context():
        gathering.gather()
        page = exposition.page()
    return set(re.findall(r"^# TYPE (\S+) ", page, re.MULTILINE))


def test_rules_and_dashboard_ask_for_what_is_told_and_for_all_of_it(acme: Firm) -> None:
    told = exposed(acme)
    alerts, shown = families(RULES.read_text()), families("\n".join(expressions()))

    assert alerts - told == set()
    assert shown == told


def test_every_rule_is_one_for_prometheus(promtool: str) -> None:
    assert "17 rules found" in ask(promtool, "check", "rules", str(RULES))


def test_every_alert_comes_when_it_must_and_only_then(promtool: str, tmp_path: Path) -> None:
    stories = (Path(__file__).parent / "rules.yml").read_text()
    file = tmp_path / "stories.yml"
    file.write_text(stories.replace("RULES", str(RULES)))

    ask(promtool, "test", "rules", str(file))

    assert {name for name in alerts() if f'alertname="{name}"' not in stories} == set()


def test_every_panel_asks_what_prometheus_understands(promtool: str, tmp_path: Path) -> None:
    lines = [f"  - {{record: panel_{number}, expr: {json.dumps(expr)}}}" for number, expr in enumerate(expressions())]
    file = tmp_path / "panels.yml"
    file.write_text("\n".join(["groups:", "- name: panels", "  rules:", *lines]))

    assert f"{len(lines)} rules found" in ask(promtool, "check", "rules", str(file))


def alerts() -> list[str]:
    return re.findall(r"- alert: (\w+)", RULES.read_text())


def test_every_alert_has_its_cure_in_the_runbook_and_leads_there() -> None:
    headings = re.findall(r"^#+ (\w+)$", RUNBOOK.read_text(), re.MULTILINE)
    links = re.findall(r"runbook: deploy/runbook\.md#(\w+)", RULES.read_text())

    assert [name for name in alerts() if name not in headings] == []
    assert links == [name.lower() for name in alerts()]


def test_an_alert_is_as_patient_as_the_doctor() -> None:
    from tenants.doctor.surroundings import PATIENCE

    asked = re.findall(r'kontor_oldest_waiting_seconds\{lane="(\w+)"\}\) > (\d+)', RULES.read_text())

    assert {lane: int(seconds) for lane, seconds in asked} == {
        work.value: patience.total_seconds() for work, patience in PATIENCE.items()
    }
