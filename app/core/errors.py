"""Refusals and failures as pages a person can do something with. Nothing shows a raw error."""

from __future__ import annotations

from email.utils import parseaddr
from http import HTTPStatus
from urllib.parse import urlsplit

import flask
from flask import Flask, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from marshmallow import ValidationError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from structlog import get_logger
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed

from app.core import problems, visitors
from app.core.access import PermissionMissing
from app.core.entities import entity_types
from app.core.records import DoesNotFit, NumberTaken, StaleRecord, VersionOutdated, VersionRequired
from app.core.visitors import LoginRequired, ProofDue, SecondFactorDue, TokenRequired
from app.core.web import WrongAddress
from config.settings import settings
from tenants import constraints, request_errors, suspension
from tenants.context import current_scope, has_scope
from tenants.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal, TooMany, Unavailable
from tenants.models import TenantSuspended
from tenants.routing import CursorTooOld

log = get_logger()


class AlreadyThere(Conflict):
    """There is one like it already: a name or a number that only one may have is taken."""

    code = "already_there"


_STATUSES: dict[type[Refusal], HTTPStatus] = {
    TokenRequired: HTTPStatus.UNAUTHORIZED,
    VersionOutdated: HTTPStatus.PRECONDITION_FAILED,
    VersionRequired: HTTPStatus.PRECONDITION_REQUIRED,
    CursorTooOld: HTTPStatus.GONE,
    WrongAddress: HTTPStatus.MISDIRECTED_REQUEST,
    NotFound: HTTPStatus.NOT_FOUND,
    NotAllowed: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


def init_app(app: Flask) -> None:
    app.register_error_handler(LoginRequired, _to_login)
    app.register_error_handler(SecondFactorDue, _to_second_factor)
    app.register_error_handler(ProofDue, _to_proof)
    app.register_error_handler(TenantSuspended, _suspended)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(OperationalError, _unavailable)
    app.register_error_handler(PoolTimeout, _unavailable)
    app.register_error_handler(DataError, _impossible)
    app.register_error_handler(StaleDataError, _outrun)
    app.register_error_handler(IntegrityError, _taken)
    app.register_error_handler(ValidationError, _invalid)
    app.register_error_handler(DoesNotFit, _does_not_fit)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InternalServerError, _crashed)


def status_of(refusal: Refusal) -> HTTPStatus:
    for kind, status in _STATUSES.items():
        if isinstance(refusal, kind):
            return status
    return HTTPStatus.CONFLICT


def say(refusal: Refusal) -> str:
    """The refusal's sentence in the reader's language; its English text is the key of the translation."""
    return gettext(refusal.message, **refusal.values)


def _to_login(_refusal: LoginRequired) -> ResponseReturnValue:
    """No firm is called "api": whoever asks there is a program that has left out the firm."""
    if problems.wanted():
        return _refused(NotFound())
    return flask.redirect(url_for("login.log_in", next=visitors.wanted_path()), HTTPStatus.SEE_OTHER)


def _to_second_factor(_refusal: SecondFactorDue) -> ResponseReturnValue:
    wanted = visitors.wanted_path()
    return flask.redirect(url_for("authenticators.show", next=wanted, due=1), HTTPStatus.SEE_OTHER)


def _to_proof(_refusal: ProofDue) -> ResponseReturnValue:
    """And back to the page, or to the one on which it was typed if what was sent came too late."""
    before = urlsplit(request.referrer or "")._replace(scheme="", netloc="").geturl()
    wanted = visitors.wanted_path() if request.method == "GET" else before
    return flask.redirect(url_for("proving.prove", next=wanted or None), HTTPStatus.SEE_OTHER)


def _refused(refusal: Refusal) -> ResponseReturnValue:
    if isinstance(refusal, PermissionMissing) and problems.wanted():
        return problems.scope_missing(str(refusal.values["permission"]), code=refusal.code)
    status = status_of(refusal)
    text = gettext("There is nothing here.") if status is HTTPStatus.NOT_FOUND else say(refusal)
    answer = flask.make_response(_page(status, text, code=refusal.code))
    if isinstance(refusal, TooMany | Unavailable):
        answer.headers["Retry-After"] = str(refusal.again_in)
    return answer


def _suspended(refusal: TenantSuspended) -> ResponseReturnValue:
    """Only who belongs to the firm gets so far."""
    found = suspension.of(g.get("slug", ""))
    if found is None or problems.wanted():
        return _refused(refusal)
    contact = parseaddr(settings().mail_from)[1]
    page = render_template("core/suspended.html", reason=found.reason, contact=contact)
    return page, HTTPStatus.FORBIDDEN


def _invalid(error: ValidationError) -> ResponseReturnValue:
    """What a program sent; the fields of a form are checked by its view."""
    if not problems.wanted():
        raise error
    text = gettext("Something that was entered is not valid.")
    return problems.answer(HTTPStatus.UNPROCESSABLE_ENTITY, text, code="invalid", errors=error.messages_dict)


def _does_not_fit(refusal: DoesNotFit) -> ResponseReturnValue:
    return problems.answer(HTTPStatus.CONFLICT, say(refusal), code=refusal.code, errors=refusal.errors)


def _forged(_error: CSRFError) -> ResponseReturnValue:
    return _page(
        HTTPStatus.BAD_REQUEST,
        gettext("This page was open for too long. Please go back, reload it and try again."),
    )


class DatabaseBusy(Unavailable):
    """Kontor is very busy at the moment. Please try again shortly."""

    code = "database_busy"


class TookTooLong(Unavailable):
    """This took so long that it was stopped. Nothing was saved; please try again later."""

    code = "took_too_long"


class BeingChanged(Conflict):
    """Somebody is changing the same at this moment. Nothing was saved; please try again."""

    code = "being_changed"


def _unavailable(error: Exception) -> ResponseReturnValue:
    """The database has no connection left, has hung up, or has stopped us. The page that says so asks nothing."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    log.error("database.unavailable", error=type(error).__name__, state=state)
    visitors.ask_no_more()
    g.frame = None
    return _refused(_STOPPED.get(state, DatabaseBusy)())


_STOPPED: dict[str, type[Refusal]] = {"57014": TookTooLong, "55P03": BeingChanged}
"""By SQLSTATE: a statement took longer than it may, or has waited too long for somebody's lock."""


def _impossible(error: DataError) -> ResponseReturnValue:
    """What was sent cannot be kept by any database, such as a text with a NUL or a number beyond all bounds.

    Fields are checked by their schemas; this is for what stands beside them.
    """
    log.warning("input.impossible", error=type(error).__name__)
    return _page(HTTPStatus.UNPROCESSABLE_ENTITY, gettext("Something that was entered is not valid."))


def _outrun(_error: StaleDataError) -> ResponseReturnValue:
    """Two requests changed one record at the same moment; the database kept the first."""
    return _refused(StaleRecord())


def _taken(error: IntegrityError) -> ResponseReturnValue:
    """What may be there only once is there already; what else a constraint refuses is a mistake of ours."""
    index = constraints.taken(error)
    if index is None:
        raise error
    numbers = {f"ix_{one.model.__tablename__}_{one.unique}" for one in entity_types if one.unique}
    return _refused(NumberTaken() if index in numbers else AlreadyThere())


def _crashed(error: InternalServerError) -> ResponseReturnValue:
    if has_scope():
        kind = type(error.original_exception or error).__name__
        route = f"{request.method} {request.url_rule.rule}" if request.url_rule else "-"
        request_errors.count(current_scope().tenant_id, kind=kind, route=route)
    return _page(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        gettext("Something went wrong on our side. Nothing was saved; please try again."),
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    code = HTTPStatus(error.code or 500)
    texts = {
        HTTPStatus.NOT_FOUND: gettext("There is nothing here."),
        HTTPStatus.METHOD_NOT_ALLOWED: gettext("This cannot be done in this way."),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _too_large(),
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: gettext("This needs to be JSON."),
    }
    if code < HTTPStatus.BAD_REQUEST:
        return error
    answer = flask.make_response(_page(code, texts.get(code, gettext("This request cannot be understood."))))
    if isinstance(error, MethodNotAllowed):
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return answer


def _too_large() -> str:
    """With how much may be sent: of files as of what is typed there is a bound of its own."""
    all_in_all, typed = request.max_content_length or 0, request.max_form_memory_size or 0
    most = all_in_all if (request.content_length or 0) > all_in_all else typed
    said = f"{most >> 20} MB" if most >= 1 << 20 else f"{most >> 10} KB"
    return gettext("This is too large: at most %(most)s can be sent at once.", most=said)


def _page(status: HTTPStatus, text: str, *, code: str = "") -> ResponseReturnValue:
    if problems.wanted():
        return problems.answer(status, text, code=code or status.name.lower())
    home = (gettext("To the start page"), "house", "/", True)
    back = [(gettext("Back"), "chevron-left", url, False)] if (url := _came_from()) else []
    return render_template("core/error.html", title=text, text="", actions=[home, *back]), status


def _came_from() -> str:
    """The page of ours whose form was not accepted."""
    is_form = request.method == "POST" and (request.referrer or "").startswith(request.host_url)
    return request.referrer or "" if is_form else ""
