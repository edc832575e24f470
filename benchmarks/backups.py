"""`python -m benchmarks.backups`: what it takes to keep the largest firm, with files, and to get it back; prints JSON.

Seconds of each, MiB of the backup, and the most memory that this process ever had.
"""

from __future__ import annotations

import io
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.factory import create_app
from benchmarks.sizes import SLUG
from tenants import files, registry
from tenants.backup import ending, export, restore
from tenants.context import Origin, Scope, tenant_scope
from tenants.db import unit_of_work
from tenants.operators import Hand

_FILES, _BYTES = 200, 1 << 20
_COPY = "bench-copy"
_US = Hand(who="Bench")


def main() -> None:
    with create_app().app_context(), tempfile.TemporaryDirectory() as folder:
        path, tenant = Path(folder) / "firm.kontor", registry.named(SLUG)
        _keep_files(tenant.scope())
        before = _most_memory()
        written, manifest = _timed(lambda: export.write(tenant.id, path, tell=_silently))
        verified, _ = _timed(lambda: restore.verify(path, tell=_silently))
        brought_in, copy_id = _timed(lambda: restore.bring_in(path, slug=_COPY, name="Copy", tell=_silently))
        ending.close(copy_id, reason="Measured", by=_US)
        erased, _ = _timed(lambda: ending.erase(copy_id, at_once=True, by=_US))
        found = {
            "rows": manifest.rows,
            "files": len(manifest.files),
            "mib": path.stat().st_size / (1 << 20),
            "export_seconds": written,
            "verify_seconds": verified,
            "import_seconds": brought_in,
            "erase_seconds": erased,
            "more_memory_mib": _most_memory() - before,
        }
    sys.stdout.write(json.dumps(found))


def _keep_files(scope: Scope) -> None:
    noise = random.Random(1)
    with tenant_scope(scope, origin=Origin(source="web")), unit_of_work():
        for number in range(_FILES):
            files.keep(io.BytesIO(noise.randbytes(_BYTES)), name=f"{number}.bin", limit=_BYTES)


def _timed(do: Callable[[], Any]) -> tuple[float, Any]:
    began = time.monotonic()
    found = do()
    return time.monotonic() - began, found


def _silently(_line: str) -> None:
    """Nobody looks on."""


def _most_memory() -> float:
    """MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
