"""`./run bench [--quick] [--ops NAME,NAME] [--profile NAME]`"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks import profile, run
from benchmarks.operations import OPERATIONS
from benchmarks.sizes import FULL, QUICK
from deploy.local import given
from deploy.local.failures import CannotStart
from deploy.local.progress import Progress

_NAMES = [*(operation.name for operation in OPERATIONS), *run.JOURNEYS, run.FORWARDING, run.TROUBLES, run.BACKUPS]


def main(arguments: list[str]) -> int:
    asked = _parser().parse_args(arguments)
    wanted = _chosen(asked.ops)
    what, size = given.read(), QUICK if asked.quick else FULL
    with run.opened(what.home / "bench" / size.name, size, Progress()) as house:
        if asked.profile:
            profile.draw(house, asked.profile, folder=what.home / "bench")
            return 0
        found = run.measure(house, wanted)
    _write(what.home / "bench" / "last.json", json.dumps(found, indent=2, ensure_ascii=False))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench", description="Measure the product against a bare floor.")
    parser.add_argument("--quick", action="store_true", help="a tenth of the data, two minutes")
    parser.add_argument("--ops", default="", metavar="NAME,...", help=f"only these: {', '.join(_NAMES)}")
    parser.add_argument("--profile", metavar="NAME", choices=[one.name for one in OPERATIONS], help="draw its flames")
    return parser


def _chosen(written: str) -> list[str]:
    """Names or their beginnings: `search` means all four searches."""
    asked = [word.strip() for word in written.split(",") if word.strip()]
    unknown = [word for word in asked if not any(name.startswith(word) for name in _NAMES)]
    if unknown:
        sys.exit(f"There is no operation {', '.join(unknown)}; there are {', '.join(_NAMES)}.")
    return [name for name in _NAMES if not asked or any(name.startswith(word) for word in asked)]


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    sys.stdout.write(f"\nThe numbers are in {path}\n")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotStart as reason:
        sys.exit(str(reason))
