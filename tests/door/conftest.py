import fcntl
import os
import socket
import subprocess
from pathlib import Path

import pytest

from tests.door.started import prepare


@pytest.fixture
def port() -> int:
    """One that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Path:
    """A data folder as a first start leaves it: such a house answers after seconds."""
    subprocess.run(["cp", "-a", str(prepared), str(tmp_path / "home")], check=True)
    return tmp_path / "home"


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once for all processes of tests."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    made = shared / "prepared"
    with (shared / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            prepare(made)
    return made
