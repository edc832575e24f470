"""The console."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import errors, login_history
from app.core.access import OPERATOR
from app.deadletters import actions as deadletters
from app.deadletters import pages as letters
from app.notifications import failed_mails
from app.operators import admission, gathering, inspection, pages, queries, wording
from app.operators.admission import Console
from app.operators.queries import SORTS, Query
from billing import totals
from tenants import clock, mail, operators, registry, request_errors, running, suspension
from tenants.operators import Act
from tenants.suspension import ReasonMissing

door = Console("console", __name__)
door.register_error_handler(admission.OperatorRequired, admission.to_log_in)
door.context_processor(pages.surroundings)


@door.get("/operator", allow=OPERATOR)
def tenants() -> ResponseReturnValue:
    sort = request.args.get("sort", "")
    query = Query(
        words=request.args.get("q", "").strip()[:100],
        sort=sort if sort in SORTS else SORTS[0],
        after=request.args.get("after"),
    )
    found, behind = queries.tenants(query)
    page = pages.tenants(found, query=query, behind=behind)
    return render_template("operators/tenants.html", page=page)


@door.get("/operator/tenants/<uuid:tenant_id>", allow=OPERATOR)
def tenant(tenant_id: UUID) -> ResponseReturnValue:
    operators.look(registry.find(tenant_id).id, by=admission.hand())
    return _shown(tenant_id)


def _shown(tenant_id: UUID, *, refusal: ReasonMissing | None = None) -> ResponseReturnValue:
    row = queries.tenant(tenant_id)
    today = clock.now().astimezone(admission.ZONE).date()
    past = totals.past(tenant_id, timezone=row.timezone, today=today, days=pages.DAYS)
    page = pages.tenant(row, past=past, inside=inspection.inside(registry.find(tenant_id)))
    page["requests"] = request_errors.of_tenant(tenant_id)
    said = {"errors": [errors.say(refusal)] if refusal else [], "reason": request.form.get("reason", "")}
    return render_template("operators/tenant.html", page=page, said=said)


@door.post("/operator/tenants/<uuid:tenant_id>/suspension", allow=OPERATOR)
def suspend(tenant_id: UUID) -> ResponseReturnValue:
    try:
        suspension.suspend(tenant_id, reason=request.form.get("reason", ""), by=admission.hand())
    except ReasonMissing as refusal:
        return flask.make_response(_shown(tenant_id, refusal=refusal)), HTTPStatus.UNPROCESSABLE_ENTITY
    return _done(tenant_id)


@door.post("/operator/tenants/<uuid:tenant_id>/suspension/end", allow=OPERATOR)
def resume(tenant_id: UUID) -> ResponseReturnValue:
    try:
        suspension.resume(tenant_id, reason=request.form.get("reason", ""), by=admission.hand())
    except ReasonMissing as refusal:
        return flask.make_response(_shown(tenant_id, refusal=refusal)), HTTPStatus.UNPROCESSABLE_ENTITY
    return _done(tenant_id)


def _done(tenant_id: UUID) -> ResponseReturnValue:
    gathering.gather_one(tenant_id)
    return flask.redirect(url_for("console.tenant", tenant_id=tenant_id), HTTPStatus.SEE_OTHER)


@door.get("/operator/tenants/<uuid:tenant_id>/dead-letters", allow=OPERATOR)
def dead_letters(tenant_id: UUID) -> ResponseReturnValue:
    found = registry.find(tenant_id)
    operators.look(found.id, by=admission.hand())
    with inspection.acting(found):
        page = letters.listed(before=request.args.get("before", type=UUID))
    return render_template("operators/dead_letters.html", page=page, tenant=found)


@door.post("/operator/tenants/<uuid:tenant_id>/dead-letters/<kind>/<uuid:letter_id>/retry", allow=OPERATOR)
def retry_letter(tenant_id: UUID, kind: str, letter_id: UUID) -> ResponseReturnValue:
    return _deal_with(tenant_id, Act.RETRIED, partial(deadletters.retry, letters.kind(kind), letter_id, at=clock.now()))


@door.post("/operator/tenants/<uuid:tenant_id>/dead-letters/<kind>/<uuid:letter_id>/discard", allow=OPERATOR)
def discard_letter(tenant_id: UUID, kind: str, letter_id: UUID) -> ResponseReturnValue:
    return _deal_with(tenant_id, Act.DISCARDED, partial(deadletters.discard, letters.kind(kind), letter_id))


def _deal_with(tenant_id: UUID, act: Act, deed: Callable[[], None]) -> ResponseReturnValue:
    found = registry.find(tenant_id)
    operators.write_down(act, found.id, by=admission.hand())
    with inspection.acting(found):
        deed()
    gathering.gather_one(found.id)
    return flask.redirect(url_for("console.dead_letters", tenant_id=found.id), HTTPStatus.SEE_OTHER)


@door.get("/operator/queues", allow=OPERATOR)
def queues() -> ResponseReturnValue:
    return render_template("operators/queues.html", page=pages.queues(running.running()))


@door.get("/operator/errors", allow=OPERATOR)
def failures() -> ResponseReturnValue:
    mails = failed_mails.of_platform(tenant_id=None)
    page = {"requests": request_errors.of_all(), "jobs": queries.failed_jobs(), "mails": mails}
    return render_template("operators/errors.html", page=page)


@door.post("/operator/mails/<uuid:mail_id>/send", allow=OPERATOR)
def send_mail(mail_id: UUID) -> ResponseReturnValue:
    return _deal_with_mail(mail_id, Act.RETRIED, partial(mail.send_again, mail_id, tenant_id=None))


@door.post("/operator/mails/<uuid:mail_id>/discard", allow=OPERATOR)
def discard_mail(mail_id: UUID) -> ResponseReturnValue:
    return _deal_with_mail(mail_id, Act.DISCARDED, partial(mail.discard, mail_id, tenant_id=None))


def _deal_with_mail(mail_id: UUID, act: Act, deed: Callable[[], None]) -> ResponseReturnValue:
    found = mail.failed_one(mail_id)
    about = f"{found.subject}: {found.recipient}"
    operators.write_down(act, found.tenant_id, by=admission.hand(), reason=about)
    deed()
    return flask.redirect(url_for("console.failures"), HTTPStatus.SEE_OTHER)


@door.get("/operator/audit", allow=OPERATOR)
def audit() -> ResponseReturnValue:
    before = request.args.get("before", type=UUID)
    found, behind = operators.done(before=before)
    told = [wording.told(row) for row in found]
    return render_template("operators/audit.html", told=told, behind=behind, before=before)


@door.get("/operator/logins", allow=OPERATOR)
def logins() -> ResponseReturnValue:
    """Of whoever asks."""
    return render_template("operators/logins.html", logins=login_history.say(admission.own_logins()))
