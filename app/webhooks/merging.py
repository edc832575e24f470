"""Two messages of one record and one transaction as one: the later part was taken up in a turn of its own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_GRAVEST_FIRST = ("deleted", "created", "restored", "updated")


def merged(first: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """What was so before as the first says it, what is so now as the later does."""
    known, added = first["data"], later["data"]
    said = min((first["type"], later["type"]), key=lambda type_: _GRAVEST_FIRST.index(type_.rpartition(".")[2]))
    is_new, is_gone = said.endswith(".created"), said.endswith(".deleted")
    data = {
        **added,
        "changed": sorted({*known["changed"], *added["changed"]}),
        "old": None if is_new else {**(added["old"] or {}), **(known["old"] or {})},
        "new": None if is_gone else {**(known["new"] or {}), **(added["new"] or {})},
        "actor_id": known["actor_id"],
        "change_id": known["change_id"],
    }
    return {"type": said, "timestamp": later["timestamp"], "data": data}
