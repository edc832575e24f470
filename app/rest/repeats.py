"""A program that does not know whether its request arrived sends it again under the same key: it happens once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import flask
from flask import Response, g, request
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from app.rest.models import KeptAnswer
from tenants import clock, everywhere
from tenants.db import db, new_id, rows
from tenants.errors import Invalid
from tenants.models import Tenant

KEPT_FOR = timedelta(hours=24)
HEADER = "Idempotency-Key"
_KEY = re.compile(r"[!-~]{1,200}")


class KeyMalformed(Invalid):
    """An Idempotency-Key has between 1 and 200 visible ASCII characters."""

    code = "idempotency_key_malformed"


class KeyReused(Invalid):
    """Another request was sent under this Idempotency-Key before."""

    code = "idempotency_key_reused"


_NEW = insert(KeptAnswer).values(
    {name: bindparam(name) for name in ("id", "created_at", "token_id", "key", "fingerprint")}
)
# Whoever comes second waits here for the first. A key that has grown too old begins anew.
_CLAIM = _NEW.on_conflict_do_update(
    index_elements=[KeptAnswer.token_id, KeptAnswer.key],
    set_={"created_at": _NEW.excluded.created_at, "fingerprint": _NEW.excluded.fingerprint},
    where=KeptAnswer.created_at <= bindparam("too_old"),
).returning(KeptAnswer.id)
_KEPT = select(KeptAnswer.fingerprint, KeptAnswer.status, KeptAnswer.body, KeptAnswer.etag, KeptAnswer.location).where(
    KeptAnswer.token_id == bindparam("token_id"), KeptAnswer.key == bindparam("key")
)


def once(make: Callable[[], Response]) -> Response:
    """The answer to the present request; the kept one where it was answered before.

    What was refused is not kept: nothing happened, so it may be tried again under its key.

    Raises KeyMalformed, KeyReused.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return make()
    if not _KEY.fullmatch(key):
        raise KeyMalformed
    own = {"token_id": g.token_id, "key": key}
    fingerprint = _fingerprint()
    now = clock.now()
    new = {"id": new_id(), "created_at": now, "fingerprint": fingerprint, "too_old": now - KEPT_FOR}
    claimed = rows(_CLAIM, {**own, **new})
    if not claimed:
        return _again(rows(_KEPT, own)[0], fingerprint)
    answer = make()
    kept = {"status": answer.status_code, "body": answer.get_data(as_text=True)}
    headers = {"etag": answer.headers.get("ETag"), "location": answer.headers.get("Location")}
    db.session.execute(update(KeptAnswer).where(KeptAnswer.id == claimed[0].id).values({**kept, **headers}))
    return answer


def _again(kept: Any, fingerprint: bytes) -> Response:
    if kept.fingerprint != fingerprint:
        raise KeyReused
    answer = flask.current_app.response_class(kept.body, status=kept.status, mimetype="application/json")
    for name, value in (("ETag", kept.etag), ("Location", kept.location)):
        if value is not None:
            answer.headers[name] = value
    answer.headers["Idempotency-Replayed"] = "true"
    return answer


def _fingerprint() -> bytes:
    sent = f"{request.method} {request.full_path}\n".encode() + request.get_data()
    return hashlib.sha256(sent).digest()


def forget_everywhere() -> None:
    """One transaction a tenant."""
    everywhere.for_each_tenant("kept answers", _forget)


def _forget(tenant: Tenant) -> None:
    with everywhere.inside(tenant.scope()) as session:
        session.execute(delete(KeptAnswer).where(KeptAnswer.created_at <= clock.now() - KEPT_FOR))
