from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

from tests.house.sources import DOORS, FLOORS, ROOT, name, product_files, python_files, tree

OURS = {*FLOORS, *DOORS, "migrations", "tests", "benchmarks", "wsgi"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def declared(*, with_development: bool) -> set[str]:
    lines = [
        *PROJECT["project"]["dependencies"],
        *(line for extra in PROJECT["project"]["optional-dependencies"].values() for line in extra),
    ]
    if with_development:
        lines += [line for group in PROJECT["dependency-groups"].values() for line in group if isinstance(line, str)]
    return {plain(re.split(r"[\[>=<~! ;]", line)[0]) for line in lines}


def plain(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def undeclared(files: list[Path], known: set[str]) -> set[str]:
    owners = importlib.metadata.packages_distributions()
    missing = set()
    for path in files:
        for module in imported(path):
            if module in sys.stdlib_module_names or module in {
                *FLOORS,
                *DOORS,
                "migrations",
                "tests",
                "benchmarks",
                "wsgi",
            }:
                continue
            if not known & {plain(owner) for owner in owners.get(module, [])}:
                missing.add(f"{name(path)}: {module}")
    return missing


def imported(path: Path) -> set[str]:
    modules = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules.add(node.module.partition(".")[0])
    return modules


def test_whatever_the_product_imports_is_declared() -> None:
    assert undeclared(product_files(), declared(with_development=False)) == set()


def test_whatever_the_tests_import_is_declared() -> None:
    assert undeclared(python_files("tests", "benchmarks"), declared(with_development=True)) == set()


def test_every_dependency_says_why_it_is_there() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    unexplained = [line.strip() for line in text.splitlines() if re.match(r'\s+"[a-z][^"]*[>=]=[^"]*",\s*$', line)]
    assert unexplained == []


def test_lock_files_name_versions_and_hashes_only() -> None:
    for lock in ("requirements.lock", "requirements-server.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text
    assert "://" not in (ROOT / "package-lock.json").read_text()
