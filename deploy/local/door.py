"""The words that `./run` understands. Standard library only."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from deploy.local import audit, binaries, given, occupancy, prepare, stopping, texts
from deploy.local.failures import CannotStart
from deploy.local.given import ROOT
from deploy.local.prepare import PYTHON, VENV
from deploy.local.progress import Progress

_HELP = """Usage: ./run [WORD [ARGUMENT ...]]

  (nothing)         set up what is missing, start everything, stop with Ctrl-C
  test [ARGUMENT]   format, lint, types, floors, then all tests; arguments go to pytest
  test --nightly    the same with the long tests, thousands of generated cases, and PostgreSQL 15
  check             the quick part of it: all but the long tests
  bench [ARGUMENT]  measure the product against a bare floor; ./run bench --help tells more
  kontor ARGUMENT   the command line of the product, for example: ./run kontor tenants list
  texts             collect the texts to translate into the catalogues
  lock              choose the newest packages that fit pyproject.toml
  build             set up what is missing and start nothing: what a server needs of a new version
  audit             look for known holes of the locked packages, where somebody who knows them can be reached
  sbom              print what the product is made of, as CycloneDX
  help              this

Settings: KONTOR_HOME (where the data is, default var/), PORT (default 8000),
LIVE_PORT (of the live updates, default the next free one), METRICS_TOKEN (opens /metrics),
PROVISIONER_URL and REDIS_URL (databases of your own instead of the ones that come with the house).
"""
_AT_ONCE = str(min(8, max(2, os.cpu_count() or 2)))
"""Processes of tests."""

_OLDEST_POSTGRES = str(binaries.OLDEST_POSTGRES)

_USAGE = 2
_INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    word, rest = (arguments[0], arguments[1:]) if arguments else ("start", [])
    if word in {"--once"}:
        word, rest = "start", [word, *rest]
    words = _words()
    _keep_compiled()
    if word not in words:
        sys.stderr.write(f"./run does not know the word {word!r}; see ./run help\n")
        return _USAGE
    try:
        return words[word](rest)
    except given.BadSetting as reason:
        sys.stderr.write(f"{reason}\n")
        return _USAGE
    except CannotStart as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted. What is done stays done; run it again to go on.\n")
        return _INTERRUPTED


def _keep_compiled() -> None:
    """For whom wants no compiled files in the tree they lie in .venv. Without any, each process of the house would
    compile the product and its packages anew, which takes longer than all else it does before it is ready.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(VENV / "compiled"))


def _words() -> dict[str, Callable[[list[str]], int]]:
    return {
        "start": _start,
        "test": _test,
        "check": _check,
        "bench": _bench,
        "kontor": _kontor,
        "texts": _texts,
        "lock": _lock,
        "build": _build,
        "audit": _audit,
        "sbom": _sbom,
        "help": _help,
        "--help": _help,
        "-h": _help,
    }


def _start(options: list[str]) -> int:
    stopping.on_signals()
    progress = Progress()
    what = given.read()
    # Asked before the long work too: nobody waits a minute to hear that the port is taken.
    with occupancy.the_only_one_on_its_port(what):
        pass
    prepare.everything(progress, development=False)
    stopping.hold_back()
    return _become("deploy.local.launch", ["start", *options, "--since", str(progress.since)])


def _bench(arguments: list[str]) -> int:
    given.read()
    prepare.everything(Progress(stream=sys.stderr), development=True)
    return _become("benchmarks", arguments)


def _kontor(arguments: list[str]) -> int:
    given.read()
    prepare.everything(Progress(stream=sys.stderr), development=False)
    return _become("deploy.local.launch", ["kontor", *arguments])


def _become(module: str, arguments: list[str]) -> int:
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execv(PYTHON, [str(PYTHON), "-m", module, *arguments])


def _test(arguments: list[str]) -> int:
    progress = Progress()
    prepare.everything(progress, development=True)
    tests: list[str | Path] = [PYTHON, "-m", "pytest", "-n", _AT_ONCE, *arguments]
    steps = [*_checks(), ("Tests", tests)]
    if "--nightly" in arguments:
        steps += _tests_on_the_oldest_postgres(tests, progress)
    return _run_all(steps)


def _tests_on_the_oldest_postgres(tests: list[str | Path], progress: Progress) -> list[tuple[str, list[str | Path]]]:
    """What shows pages in a browser or starts a whole house brings its own database and is not run twice."""
    if binaries.find_postgres(major=_OLDEST_POSTGRES) is None:
        progress.say(f"PostgreSQL {_OLDEST_POSTGRES} is not installed here: the tests will not run on it.")
        return []
    again = [word for word in tests if word != "--nightly"]
    again += ["--postgres", _OLDEST_POSTGRES, "--ignore=tests/browser", "--ignore=tests/door"]
    return [(f"Tests on PostgreSQL {_OLDEST_POSTGRES}", again)]


def _check(arguments: list[str]) -> int:
    prepare.everything(Progress(), development=True)
    return _run_all([*_checks(), ("House rules", [PYTHON, "-m", "pytest", "tests/house", *arguments])])


def _checks() -> list[tuple[str, list[str | Path]]]:
    programs = VENV / "bin"
    return [
        ("Format", [programs / "ruff", "format", "--check", "--output-format=concise", "."]),
        ("Lint", [programs / "ruff", "check", "."]),
        ("Types", [programs / "mypy"]),
        ("Floors", [programs / "lint-imports"]),
    ]


def _run_all(steps: list[tuple[str, list[str | Path]]]) -> int:
    progress = Progress()
    for name, command in steps:
        progress.say(f"=== {name} ===")
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        if code:
            progress.say(f"=== {name} failed; what comes after it was not run ===")
            return code
    progress.say("=== All good ===")
    return 0


def _texts(_arguments: list[str]) -> int:
    progress = Progress()
    prepare.everything(progress, development=True)
    texts.collect(progress)
    return 0


def _lock(_arguments: list[str]) -> int:
    progress = Progress()
    prepare.everything(progress, development=True)
    prepare.lock_packages(progress)
    return 0


def _build(_arguments: list[str]) -> int:
    prepare.everything(Progress(), development=False)
    return 0


def _audit(_arguments: list[str]) -> int:
    progress = Progress()
    prepare.everything(progress, development=True)
    return audit.run(progress)


def _sbom(_arguments: list[str]) -> int:
    prepare.everything(Progress(stream=sys.stderr), development=False)
    return _become("deploy.sbom", [])


def _help(_arguments: list[str]) -> int:
    sys.stdout.write(_HELP)
    return 0
