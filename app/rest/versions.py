"""ETags: what a program has read is still so (304), and what it changes is still what it has read (412)."""

from __future__ import annotations

import hashlib
from functools import cache
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy import Select, bindparam

from app.core import access
from app.core.records import VersionOutdated, VersionRequired
from app.core.resources import Resource
from tenants.db import db
from tenants.errors import NotFound

_ANY = "*"


def held(resource: Resource, record_id: UUID, *, required: bool) -> Any:
    """The record, locked until the end of the request, in the version that If-Match names.

    Raises NotFound, VersionOutdated; VersionRequired where nothing is named.
    """
    named = _named("If-Match")
    if required and not named:
        raise VersionRequired
    record: Any = db.session.scalar(_to_change(resource), {"record_id": record_id})
    if record is None:
        raise NotFound
    versions = {tag.partition("-")[0] for tag in named}
    if named and _ANY not in named and str(record.version) not in versions:
        raise VersionOutdated
    return record


@cache
def _to_change(resource: Resource) -> Select[Any]:
    one = access.visible(resource.model).where(resource.model.id == bindparam("record_id"))
    return (one if resource.where is None else one.where(resource.where)).with_for_update()


def tagged(answer: Response, *, version: int | None = None) -> Response:
    """With its ETag: the record's version and what is shown besides; nothing more where it is known already."""
    digest = hashlib.sha256(answer.get_data()).hexdigest()[:16]
    answer.set_etag(digest if version is None else f"{version}-{digest}")
    if request.method not in {"GET", "HEAD"}:
        return answer
    named = _named("If-None-Match")
    if answer.get_etag()[0] in named or _ANY in named:
        answer.set_data(b"")
        answer.status_code = HTTPStatus.NOT_MODIFIED
        del answer.headers["Content-Type"]
    return answer


def _named(header: str) -> set[str]:
    """Compression adds its name to a tag: "3-f00:br"."""
    written = [one.strip().removeprefix("W/") for one in request.headers.get(header, "").split(",")]
    return {one.strip('"').partition(":")[0] for one in written if one}
