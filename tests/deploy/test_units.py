"""The units of systemd, as systemd itself reads them. None of them is started: that needs a machine it runs on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.deploy.programs import DEPLOY, said_by

UNITS = sorted(path.name for path in (DEPLOY / "systemd").glob("*.service"))
LEAST_EXPOSED = "20"
"""Of `systemd-analyze security`, in tenths: from 0 (locked up) to 100 (may do anything)."""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units, beside programs that stand for the installed ones."""
    programs = tmp_path / "kontor" / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("kontor", "python"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    units = tmp_path / "units"
    shutil.copytree(DEPLOY / "systemd", units)
    for unit in units.iterdir():
        unit.write_text(unit.read_text().replace("/opt/kontor/current/.venv", f"{tmp_path}/kontor/.venv"))
    return units


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_is_understood(installed: Path, unit: str) -> None:
    said = said_by("systemd-analyze", "verify", "--man=no", f"./{unit}", folder=installed)

    assert (said.stdout + said.stderr, said.returncode) == ("", 0)


def test_a_mistake_in_a_unit_would_be_found(installed: Path) -> None:
    unit = installed / "kontor-live.service"
    unit.write_text(unit.read_text().replace("NoNewPrivileges=", "NoNewPriviliges="))

    said = said_by("systemd-analyze", "verify", "--man=no", "./kontor-live.service", folder=installed)

    assert "NoNewPriviliges" in said.stderr


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_may_do_little(installed: Path, unit: str) -> None:
    said = said_by(
        "systemd-analyze", "security", "--offline=yes", f"--threshold={LEAST_EXPOSED}", f"./{unit}", folder=installed
    )

    assert said.returncode == 0, said.stdout


def test_only_units_that_create_schemas_know_the_login_that_may() -> None:
    knowing = [name for name in UNITS if "provisioner.env" in (DEPLOY / "systemd" / name).read_text()]

    assert knowing == ["kontor-migrate.service", "kontor-scheduler.service"]
