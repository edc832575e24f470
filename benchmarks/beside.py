"""`python -m benchmarks.beside PORT SILENT_PORT`: how the other firms fare while one asks for more than its share.

Needs the whole house; SILENT_PORT is a server that takes whatever comes and never answers, where mails go, too. Prints
JSON: for a quiet house and for each trouble the p99 of another firm's page, of its notices, and its import of two rows.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence

from app.factory import create_app
from benchmarks import data, forwarding, journeys, troubles
from benchmarks.client import Client, Request
from benchmarks.forwarding import Firm
from benchmarks.sizes import SLUG, small_slug
from tenants import registry
from tenants.db import new_id

_OTHERS = range(4)
_PAGES, _ROUNDS = 60, 8


def main(port: int, silent_port: int) -> None:
    with create_app().app_context():
        scope, client = registry.named(SLUG).scope(), Client(port)
        client.log_in()
        others = [forwarding.prepared(small_slug(number)) for number in _OTHERS]
        # What is asked for the first time takes longer in every process.
        _measured(client, others)
        found = {"quiet": _measured(client, others)}
        for name, trouble in troubles.all_of(scope, client, silent_port).items():
            with trouble():
                found[name] = _measured(client, others)
            forwarding.until_quiet()
    sys.stdout.write(json.dumps(found))


def _measured(client: Client, others: Sequence[Firm]) -> dict[str, float]:
    pages, saved = [], []
    for number in range(_PAGES):
        slug = small_slug(_OTHERS[number % len(_OTHERS)])
        pages.append(client.send(Request(path=f"/{slug}/contacts")).seconds * 1000)
        if number < _ROUNDS * len(others):
            saved.append(forwarding.touch(others[number % len(others)]))
    told = forwarding.told(others, saved)
    began = time.monotonic()
    file = data.list_to_import(2, seed=str(new_id()))
    client.begin(f"/{small_slug(0)}/")
    journeys.import_and_wait(client, file, database_url=os.environ["PROVISIONER_URL"], slug=small_slug(0))
    return {
        "page_p99_ms": forwarding.spread(pages)["p99_ms"],
        "told_p99_ms": forwarding.spread(told)["p99_ms"],
        "import_seconds": time.monotonic() - began,
    }


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
