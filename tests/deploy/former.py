"""The version that firms run while this one is rolled out: its tree, its packages, its way to be started."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.programs import ROOT, program
from tests.deploy.site import Running, Site, until

COMMIT = "29fdba8d0235ae5658a4210db5cbe45657e4f368"
"""The last commit of the landing before this one. Whoever begins the next landing writes here where it began."""

_BUILT = ("app/core/static/build",)
_COMMAND = "import sys; from app.cli import main; sys.exit(main(prog_name='kontor'))"


@dataclass(frozen=True)
class Former:
    tree: Path
    python: Path

    def environment(self, site: Site) -> dict[str, str]:
        """It makes its logins' passwords from the secret key, and has no other way to start than that of ./run."""
        return {
            "DATABASE_URL": site.provisioner_url,
            "KONTOR_EMBEDDED": "1",
            "TRUSTED_PROXIES": "1",
            "PYTHONPATH": str(self.tree),
        }

    def kontor(self, site: Site, *arguments: str) -> str:
        command = [str(self.python), "-c", _COMMAND, *arguments]
        environment = site.settings() | self.environment(site)
        done = subprocess.run(command, cwd=self.tree, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start_web(self, site: Site, name: str, port: int) -> Running:
        command = [str(self.python), "-m", "gunicorn", "-c", "config/gunicorn.py", "wsgi:app"]
        web = site.start(name, command, folder=self.tree, PORT=str(port), **self.environment(site))
        until(lambda: site.answers(f"127.0.0.1:{port}"), f"the start of {name}")
        return web

    def start_worker(self, site: Site, name: str) -> Running:
        command = [str(self.python), "-c", _COMMAND, "worker"]
        return site.start(name, command, folder=self.tree, **self.environment(site))


def former_version(folder: Path) -> Former:
    """Fails where the history does not reach back so far: then nobody knows what firms run."""
    git = program("git")
    tree = folder / "former"
    tree.mkdir()
    packed = subprocess.run([git, "archive", COMMIT], cwd=ROOT, capture_output=True, check=False)
    assert packed.returncode == 0, f"The last landing is not in the history: {packed.stderr.decode()}"
    subprocess.run(["tar", "-x", "-C", tree], input=packed.stdout, check=True)
    former = Former(tree, _python(tree / "requirements.lock"))
    _build(former)
    return former


def _python(lock: Path) -> Path:
    """The one of these tests where the packages are the same, else one with the packages of that version."""
    if lock.read_bytes() == (ROOT / "requirements.lock").read_bytes():
        return Path(sys.executable)
    name = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    environment = ROOT / ".venv-former" / name
    if not (environment / "ready").exists():
        shutil.rmtree(environment, ignore_errors=True)
        _uv("venv", "-q", "--python", sys.executable, str(environment))
        _uv("pip", "install", "-q", "--require-hashes", "-p", str(environment / "bin" / "python"), "-r", str(lock))
        (environment / "ready").touch()
    return environment / "bin" / "python"


def _uv(*words: str) -> None:
    subprocess.run([program("uv"), *words], check=True, env=os.environ | {"UV_NO_PROGRESS": "1"})


def _build(former: Former) -> None:
    """Its catalogues are its own. Styles and scripts are those of this tree: nobody looks at its pages."""
    for place in _BUILT:
        shutil.copytree(ROOT / place, former.tree / place)
    translations = former.tree / "app" / "core" / "translations"
    command = [str(former.python), "-m", "babel.messages.frontend", "compile", "-d", str(translations)]
    subprocess.run(command, cwd=former.tree, check=True, capture_output=True)
