"""Who knocks: the identity behind the cookie and what it is in the tenant whose address it asks for."""

from __future__ import annotations

from datetime import timedelta

import flask
from flask import Flask, g, has_request_context, request, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from app.core import access, callers, known_browsers
from tenants import context, identities, migrations, tokens
from tenants.context import Actor, Origin, Scope
from tenants.errors import NotAllowed, NotFound, Unavailable
from tenants.identities import Entry
from tenants.models import Identity, Role
from tenants.second_factors import factors, steps
from tenants.second_factors.models import Account, StepPurpose

_manager = LoginManager()


class LoginRequired(NotAllowed):
    """Please log in first."""

    code = "login_required"


class TokenRequired(NotAllowed):
    """This needs a token that is valid here, as "Authorization: Bearer kontor_…"."""

    code = "token_required"


class SecondFactorDue(NotAllowed):
    """Your firm asks for a second factor here. Please add one; then it goes on."""

    code = "second_factor_due"


class ProofDue(NotAllowed):
    """Please show once more that it is you; then it goes on."""

    code = "proof_due"


class FirmBehind(Unavailable):
    """Kontor is being updated for your firm at the moment. Please try again shortly."""

    code = "firm_behind"
    again_in = 30


class Visitor(UserMixin):  # type: ignore[misc]
    """What flask-login keeps of an identity: the token of its login session."""

    def __init__(self, token: str, entry: Entry) -> None:
        self.token = token
        self.entry = entry

    def get_id(self) -> str:
        return self.token


def init_app(app: Flask) -> None:
    # The cookie is a random token of a session row that can be ended; bound to an address it logs phones out.
    _manager.session_protection = None
    _manager.init_app(app)
    _manager.user_loader(_load)


def _load(token: str) -> Visitor | None:
    entry = identities.entry(token, slug=g.get("slug"))
    return Visitor(token, entry) if entry else None


def ask_no_more() -> None:
    """The database does not answer: for the rest of the request whoever is not known by now is nobody."""
    if "_login_user" not in g:
        g._login_user = _manager.anonymous_user()


def visitor() -> Visitor | None:
    if not has_request_context() or not current_user.is_authenticated:
        return None
    found: Visitor = current_user._get_current_object()
    return found


def log_in(token: str) -> None:
    """The browser keeps the token; everything that its cookie said before is forgotten."""
    entry = identities.entry(token, slug=None)
    if entry is None:
        raise LoginRequired
    flask.session.clear()
    flask.session.permanent = True
    login_user(Visitor(token, entry))


STEP = "step"
"""In the browser's cookie: the token of what it has begun."""


def let_in(identity: Identity, *, wanted: str) -> str:
    """Whose password was right: logged in, or asked for their second factor if they have one; answers where they go."""
    account = Account(identity_id=identity.id)
    if not factors.has_any(account):
        log_in_anew(identity)
        return wanted
    log_out()
    flask.session[STEP] = steps.begin(account, StepPurpose.LOG_IN)
    return url_for("second_factor.ask", next=wanted)


def log_in_anew(identity: Identity, *, second_factor: bool = False) -> None:
    """In the place of whoever was logged in in this browser before; from now on the browser is known to the account."""
    log_out()
    caller = callers.caller(identity.email)
    log_in(identities.open_session(identity.id, by=caller, second_factor=second_factor))
    known_browsers.remember(identity.email)


def log_out() -> None:
    found = visitor()
    if found is not None:
        identities.close_session(found.token)
    logout_user()
    flask.session.clear()


def require_identity() -> Visitor:
    """Raises LoginRequired."""
    found = visitor()
    if found is None:
        raise LoginRequired
    return found


PROOF_LIFE = timedelta(minutes=15)
_PROOF_LIFE_OF_A_FORM = timedelta(hours=1)
"""What was opened in time may be sent a while later: nobody shall lose what they have typed."""


def require_proof() -> None:
    """Raises LoginRequired, ProofDue."""
    within = PROOF_LIFE if request.method in {"GET", "HEAD"} else _PROOF_LIFE_OF_A_FORM
    if not require_identity().entry.is_proved(within=within):
        raise ProofDue


def enter_tenant() -> None:
    """Bind the request to the tenant of its address, as the user that the visitor is there.

    Raises LoginRequired, SecondFactorDue, TenantSuspended, FirmBehind; NotFound where the visitor is no user, exactly
    as where there is no such tenant.
    """
    entry = require_identity().entry
    if entry.membership is None:
        raise NotFound
    _refuse_behind(entry.row.revision)
    if entry.lacks_second_factor:
        raise SecondFactorDue
    user_id, g.role = entry.membership
    scope, permissions = _admitted(entry, g.role)
    actor = Actor(user_id=user_id, name=entry.person, permissions=permissions, locale=entry.locale)
    context.enter(scope, actor=actor, origin=Origin(source="web", request=g.request_id))


def _refuse_behind(revision: str) -> None:
    """A schema may be newer than the program, which survives it; in an older one something is missing.

    Raises FirmBehind.
    """
    if revision < migrations.head(migrations.TENANT_TREE):
        raise FirmBehind


def _admitted(entry: Entry, role: Role) -> tuple[Scope, frozenset[str]]:
    """Raises TenantSuspended for all but the owners of a suspended account, who look and change nothing."""
    if entry.is_suspended and role is Role.OWNER:
        g.in_suspension = True
        return entry.scope_in_suspension(), access.in_suspension()
    return entry.scope(), access.permissions_of(role)


def enter_tenant_by_token() -> None:
    """Bind the request to the tenant of its address, as the user whose token it carries. Cookies count for nothing.

    Raises FirmBehind; TokenRequired, as well where there is no such tenant.
    """
    kind, _, written = request.headers.get("Authorization", "").partition(" ")
    found = tokens.bearer(written.strip(), slug=g.slug) if kind.lower() == "bearer" else None
    if found is None:
        raise TokenRequired
    _refuse_behind(found.row.revision)
    g.token_id = found.token_id
    permissions = access.narrowed(found.role, found.scopes)
    actor = Actor(user_id=found.user_id, name=found.person, permissions=permissions, locale=found.locale)
    context.enter(found.scope(), actor=actor, origin=Origin(source="api", request=g.request_id))


def wanted_path() -> str:
    """Where somebody wanted to go before we asked them to log in."""
    return request.full_path.rstrip("?") if request.method == "GET" else request.path
