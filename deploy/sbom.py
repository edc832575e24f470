"""What the product is made of, as CycloneDX 1.6: every locked package with its version and hashes, and no other.

`python -m deploy.sbom` prints it; the build of the image keeps it beside the product. Reads the lock files only, so
it needs neither network nor packages, and the same tree always gives the same text.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

_ROOT = Path(__file__).resolve().parent.parent
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NODE_PREFIX = "node_modules/"


def main() -> int:
    sys.stdout.write(json.dumps(bill_of_materials(_ROOT), indent=2, sort_keys=True) + "\n")
    return 0


def bill_of_materials(root: Path) -> dict[str, Any]:
    product = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    components = [*_python_packages(root / "requirements-server.lock"), *_node_packages(root / "package-lock.json")]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "kontor",
                "name": product["name"],
                "version": product["version"],
            }
        },
        "components": components,
        "dependencies": [{"ref": "kontor", "dependsOn": [component["bom-ref"] for component in components]}],
    }


def _python_packages(lock: Path) -> Iterator[dict[str, Any]]:
    """One version a package, with the hashes of every file that may be installed for it."""
    for entry in re.split(r"\n(?=[A-Za-z0-9])", lock.read_text()):
        if found := _LOCKED.match(entry):
            hashes = [{"alg": "SHA-256", "content": digest} for digest in _HASH.findall(entry)]
            yield _component(f"pkg:pypi/{found[1].lower().replace('_', '-')}@{found[2]}", found[1], found[2], hashes)


def _node_packages(lock: Path) -> Iterator[dict[str, Any]]:
    """What the assets are built from and with; esbuild is there once for each kind of machine."""
    for path, package in json.loads(lock.read_text())["packages"].items():
        if path and not package.get("dev"):
            name = path.rpartition(_NODE_PREFIX)[2]
            address = f"pkg:npm/{quote(name, safe='/')}@{package['version']}"
            yield _component(address, name, package["version"], [_integrity(package["integrity"])])


def _integrity(written: str) -> dict[str, str]:
    algorithm, _, digest = written.partition("-")
    return {"alg": {"sha512": "SHA-512", "sha256": "SHA-256"}[algorithm], "content": base64.b64decode(digest).hex()}


def _component(address: str, name: str, version: str, hashes: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": address,
        "purl": address,
        "name": name,
        "version": version,
        "hashes": hashes,
    }


if __name__ == "__main__":
    sys.exit(main())
