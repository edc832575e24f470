"""Programs that the tests of deploy/ need: from the development packages, else from the system's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
_FOLDERS = (str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin")


def program(name: str) -> str:
    """Its path. Where the machine has none the test is skipped, or fails where KONTOR_TOOLS_REQUIRED says so."""
    found = shutil.which(name, path=os.pathsep.join(_FOLDERS))
    if found is None:
        missing = f"{name} is not installed on this machine"
        if os.environ.get("KONTOR_TOOLS_REQUIRED") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def said_by(name: str, *arguments: str | Path, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """What the program wrote and how it ended; whatever it keeps for the next time is thrown away."""
    command = [program(name), *map(str, arguments)]
    with tempfile.TemporaryDirectory() as home:
        environment = {"PATH": os.pathsep.join(_FOLDERS), "HOME": home, "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False
        )
