"""Rules of the house that are read from the sources, so that nobody has to remember them."""

from __future__ import annotations

import ast
import re
from typing import get_args

from config import lazily
from tests.house.sources import DOORS, FLOORS, ROOT, calls, name, product_files, python_files, tracked, tree

_CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
_CLOCKS |= {"time.localtime", "time.gmtime", "func.now", "func.clock_timestamp", "func.current_timestamp"}
_SURROUNDINGS = {"environ", "environb", "getenv", "getenvb", "putenv"}
_VAGUE = {"utils", "util", "common", "helpers", "helper", "services", "service", "manager", "managers", "misc"}


def test_only_the_clock_asks_for_the_time() -> None:
    asked = [
        f"{name(path)}:{line} {call}"
        for path in product_files()
        if name(path) != "tenants/clock.py"
        for call, line in calls(path)
        if ".".join(call.split(".")[-2:]) in _CLOCKS
    ]
    assert asked == []


def test_only_config_reads_the_environment() -> None:
    read = [
        f"{name(path)}:{node.lineno}"
        for path in product_files()
        if not name(path).startswith(("config/", "deploy/local/"))
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Attribute) and node.attr in _SURROUNDINGS)
        or (isinstance(node, ast.ImportFrom) and any(alias.name in _SURROUNDINGS for alias in node.names))
    ]
    assert read == []


def test_only_the_edge_commits() -> None:
    doors = {"tenants/db.py", "tenants/checkout.py"}
    committed = [
        f"{name(path)}:{line} {call}"
        for path in product_files()
        if name(path) not in doors
        for call, line in calls(path)
        if call.rpartition(".")[2] in {"commit", "rollback"}
    ]
    assert committed == []


def test_nothing_is_imported_inside_a_function() -> None:
    inside = [
        f"{name(path)}:{inner.lineno}"
        for path in product_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


def test_a_package_says_what_it_is_and_nothing_else() -> None:
    wrong = [
        name(path)
        for path in python_files(*FLOORS, *DOORS)
        if path.name == "__init__.py"
        if not ast.get_docstring(tree(path)) or len(tree(path).body) > 1
    ]
    assert wrong == []


def test_nothing_has_a_vague_name() -> None:
    vague = [name(path) for path in tracked() if {*path.relative_to(ROOT).parts[:-1], path.stem} & _VAGUE]
    assert vague == []


def test_whoever_catches_everything_raises_again() -> None:
    swallowed = [
        f"{name(path)}:{node.lineno}"
        for path in product_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        if _catches_all(node) and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
    ]
    assert swallowed == []


def _catches_all(handler: ast.ExceptHandler) -> bool:
    caught = handler.type
    return caught is None or (isinstance(caught, ast.Name) and caught.id in {"Exception", "BaseException"})


def test_whatever_is_left_to_do_has_a_name_and_a_date() -> None:
    mark = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!\([a-z]+, \d{4}-\d\d-\d\d\))")
    left = [
        f"{name(path)}:{number}"
        for path in tracked()
        if path.suffix in {".py", ".js", ".css", ".html"} and path.name != "test_sources.py"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if mark.search(line)
    ]
    assert left == []


def test_no_file_names_a_machine_or_a_registry() -> None:
    machine = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|var/tmp)/")
    hosts = re.compile("pypi" + r"\.org|files\.python" + r"hosted|registry\.npm" + "js|deb\\.debian" + r"\.org")
    found = [
        f"{name(path)}:{number}"
        for path in tracked()
        if path.suffix not in {".png", ".woff2", ".mo", ".ico"}
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if machine.search(line) or hosts.search(line)
    ]
    assert found == []


def test_templates_hold_no_scripts_and_no_styles() -> None:
    inline = re.compile(r"<style|\bstyle\s*=|<script(?![^>]*\bsrc=)|\son[a-z]+\s*=", re.IGNORECASE)
    found = [
        f"{name(path)}:{number}"
        for path in tracked()
        if path.suffix == ".html"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if inline.search(line)
    ]
    assert found == []


def test_only_one_place_loads_modules_by_name() -> None:
    loaded = [
        f"{name(path)}:{node.lineno}"
        for path in product_files()
        if name(path) not in {"config/lazily.py", "deploy/local/prepare.py", "deploy/local/binaries.py"}
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Import | ast.ImportFrom)
        if "importlib" in ast.unparse(node) and "importlib.metadata" not in ast.unparse(node)
    ]
    assert loaded == []


def test_what_is_heavy_and_rare_is_loaded_when_it_is_needed() -> None:
    """Processes start, and pages are answered, without it."""
    heavy = {one.partition(".")[0] for one in get_args(lazily.Heavy)}
    at_once = [
        f"{name(path)}:{node.lineno}"
        for path in product_files()
        if not name(path).startswith("migrations/")
        for node in tree(path).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        if heavy & {one.partition(".")[0] for one in _imported(node)}
    ]
    assert at_once == []


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
