"""Known holes of the locked packages: asked of PyPI (pip-audit) and of npm, where they can be reached.

A source that does not answer is told in one sentence and is no failure; a hole that was found is.
"""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local import given, prepare
from deploy.local.given import ROOT
from deploy.local.progress import Progress


@dataclass(frozen=True)
class Checked:
    """What is known of the packages of one kind."""

    packages: int
    """How many were looked up; none where no source was reached."""

    unknown: int
    """How many the source could not tell about."""

    holes: list[str]
    """One sentence for each."""


def run(progress: Progress) -> int:
    """1 where a hole was found, else 0."""
    found = {"Python": of_python(_pip_audit()), "Node.js": of_node(_npm_audit(progress))}
    for kind, checked in found.items():
        for line in sentences(kind, checked):
            progress.write(f"{line}\n")
    return int(any(checked.holes for checked in found.values()))


def of_python(told: str) -> Checked:
    """From what pip-audit prints; a package that its source does not know is listed there as skipped."""
    listed = _json(told).get("dependencies", [])
    checked = [package for package in listed if "skip_reason" not in package]
    holes = [
        f"{package['name']} {package['version']}: {hole['id']}{_mended_in(hole['fix_versions'])}"
        for package in checked
        for hole in package["vulns"]
    ]
    return Checked(len(checked), len(listed) - len(checked), holes)


def of_node(told: str) -> Checked:
    """From what npm prints."""
    report = _json(told)
    holes = [f"{name}: {hole['severity']}, in {hole['range']}" for name, hole in _holes_of_node(report)]
    return Checked(report.get("metadata", {}).get("dependencies", {}).get("total", 0), 0, holes)


def sentences(kind: str, checked: Checked) -> list[str]:
    if not checked.packages:
        return [f"{kind}: nothing could be checked, because no source of known holes was reached from here."]
    fine = [] if checked.holes else [f"{kind}: no known hole in {checked.packages} packages."]
    unknown = [f"{kind}: {checked.unknown} packages could not be checked."] if checked.unknown else []
    return [f"{kind}: {hole}" for hole in checked.holes] + fine + unknown


def _mended_in(versions: list[str]) -> str:
    return f", mended in {', '.join(versions)}" if versions else ", not mended yet"


def _holes_of_node(report: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return sorted(report.get("vulnerabilities", {}).items())


def _pip_audit() -> str:
    lock = str(ROOT / "requirements-dev.lock")
    how = ["--require-hashes", "--disable-pip", "--no-deps", "--format", "json", "--progress-spinner", "off"]
    return _printed([prepare.VENV / "bin" / "pip-audit", "--requirement", lock, *how], path=None)


def _npm_audit(progress: Progress) -> str:
    return _printed(["npm", "audit", "--json"], path=prepare.path_with_node(progress))


def _printed(command: list[str | Path], *, path: str | None) -> str:
    environment = given.environment({"PATH": path} if path else {})
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False).stdout


def _json(told: str) -> dict[str, Any]:
    """Nothing where a tool printed something else, as it does when it reaches nobody."""
    try:
        found = json.loads(told)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
