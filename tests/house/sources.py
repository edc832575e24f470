"""The product's own sources, for the rules that are read from them."""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("config", "tenants", "billing", "app")
DOORS = ("deploy",)
"""What starts the floors and stands beside them."""


@cache
def tracked() -> list[Path]:
    """Every file of the repository, as git lists it; without git, every file that is not made by a build."""
    git = shutil.which("git")
    if git is not None:
        command = [git, "ls-files", "-co", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if listed.returncode == 0:
            return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file() and not _is_made(path)]


def _is_made(path: Path) -> bool:
    """By a build, a tool or a run; .gitignore says the same to git."""
    folders = set(path.relative_to(ROOT).parts[:-1])
    hidden = {folder for folder in folders if folder.startswith(".")} - {".ci"}
    return bool(hidden or folders & {"node_modules", "var", "build", "pictures", "__pycache__"}) or path.suffix == ".mo"


def python_files(*folders: str) -> list[Path]:
    wanted = set(folders)
    return [p for p in tracked() if p.suffix == ".py" and p.relative_to(ROOT).parts[0] in wanted]


def product_files() -> list[Path]:
    return [*python_files(*FLOORS, *DOORS), ROOT / "wsgi.py"]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """(file::function, lines from ``def`` to its end)"""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{name(path)}::{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def called(node: ast.Call) -> str:
    """``a.b.c`` of a call, as far as it is made of names."""
    parts: list[str] = []
    target: ast.expr = node.func
    while isinstance(target, ast.Attribute):
        parts.append(target.attr)
        target = target.value
    if isinstance(target, ast.Name):
        parts.append(target.id)
    return ".".join(reversed(parts))


def calls(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield called(node), node.lineno
