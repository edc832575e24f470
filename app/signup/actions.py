"""A firm signs up: asked for in the form, confirmed by mail, opened step by step."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask_babel import force_locale
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.signup import addresses, letters, queries
from app.signup.queries import Opened
from app.users import actions as users
from billing import subscriptions
from tenants import clock, identities, mail, provisioning
from tenants.context import Origin, tenant_scope
from tenants.db import platform_work, unit_of_work
from tenants.identities import LinkExpired
from tenants.models import Role, Tenant
from tenants.provisioning import SlugTaken
from tenants.signups import Signup, SignupStep

LINK_LIFE = timedelta(days=2)
_PATIENCE = 8.0
"""Seconds that somebody waits at most for a schema to be made ready, where many sign up at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody asks for: checked, but confirmed by nobody yet."""

    firm: str
    slug: str
    name: str
    email: str
    locale: str
    password_hash: str = ""
    """Only where nobody is asked by mail: in a form anybody could choose one for the address of somebody else."""


def ask(wish: Wish) -> None:
    """Keep the wish and write to the address. A known address gets another mail; the page says the same."""
    token = secrets.token_urlsafe(32)
    with platform_work() as session:
        signup = _keep(session, wish, token=token)
        known = identities.find_by_email(session, signup.email)
        with force_locale(known.locale if known else signup.locale):
            subject, body = letters.confirmation(signup, token=token, known=known)
        mail.post(session, to=signup.email, subject=subject, body=body)


def create(wish: Wish) -> Opened:
    """Open a firm without asking by mail, for the operator. Interrupted, it can be run again.

    Raises MalformedSlug, SlugReserved, SlugTaken.
    """
    with platform_work() as session:
        begun = session.scalar(
            select(Signup).where(
                Signup.slug == wish.slug, Signup.email == wish.email, Signup.step == SignupStep.CONFIRMED
            )
        )
        if begun is None:
            addresses.check(session, wish.slug)
            begun = _keep(session, wish, token=secrets.token_urlsafe(32))
    return open_firm(begun.id)


def _keep(session: Session, wish: Wish, *, token: str) -> Signup:
    signup = Signup(
        token_hash=identities.digest(token),
        firm=wish.firm,
        slug=wish.slug,
        name=wish.name,
        email=wish.email,
        password_hash=wish.password_hash,
        locale=wish.locale,
        expires_at=clock.now() + LINK_LIFE,
    )
    session.add(signup)
    session.flush()
    return signup


def choose_password(signup: Signup, password: str) -> None:
    """Whoever holds the link chooses the password of the account that it opens.

    Raises LinkExpired, WeakPassword.
    """
    known = [signup.firm, signup.slug, signup.name, signup.email]
    password_hash = identities.hash_password(password, known=known)
    with _held(signup.id) as (_, held):
        _check_time(held)
        if held.step is SignupStep.ASKED:
            held.password_hash = password_hash


def open_firm(signup_id: UUID) -> Opened:
    """Let the firm in. Killed at any point it can be called again: each step finds what it left behind.

    1. The wish is confirmed; from now on the link does not expire any more.
    2. A ready schema becomes the firm's; an address that was taken in the meantime gets a number.
    3. Whoever signed up is known to the platform and owns the firm; a known person keeps the password.
    4. The trial starts.
    5. The firm itself knows its owner.
    6. The sign-up is done and forgets the password.

    Raises LinkExpired when the wish was not confirmed in time.
    """
    for step in STEPS:
        step(signup_id)
    return queries.opened(signup_id)


def _confirm(signup_id: UUID) -> None:
    with _held(signup_id) as (_, signup):
        _check_time(signup)
        if signup.step is SignupStep.ASKED:
            signup.step = SignupStep.CONFIRMED


def _check_time(signup: Signup) -> None:
    if signup.step is SignupStep.ASKED and signup.expires_at <= clock.now():
        raise LinkExpired


def _give_schema(signup_id: UUID) -> None:
    provisioning.wait_for_stock(most=_PATIENCE)
    with _held(signup_id) as (session, signup):
        if signup.tenant_id is None:
            signup.tenant_id = _claim(session, signup).id


def _claim(session: Session, signup: Signup) -> Tenant:
    reserved = addresses.reserved()
    for slug in addresses.variants(signup.slug):
        if slug not in reserved:
            with suppress(SlugTaken):
                return provisioning.claim(session, slug=slug, name=signup.firm, locale=signup.locale)
    raise AssertionError("There is always another number.")


def _own(signup_id: UUID) -> None:
    with _held(signup_id) as (session, signup):
        identity = identities.find_or_add(
            session,
            email=signup.email,
            name=signup.name,
            password_hash=signup.password_hash,
            locale=signup.locale,
        )
        identities.join(session, tenant_id=_tenant_id(signup), identity_id=identity.id, role=Role.OWNER)


def _start_trial(signup_id: UUID) -> None:
    with _held(signup_id) as (session, signup):
        subscriptions.start_trial(session, tenant_id=_tenant_id(signup), at=clock.now())


def _enter_owner(signup_id: UUID) -> None:
    opened = queries.opened(signup_id)
    scope = opened.tenant.scope()
    with tenant_scope(scope, origin=Origin(source="signup")), unit_of_work():
        identity = opened.identity
        users.add_user(user_id=opened.membership.user_id, name=identity.name, email=identity.email, role=Role.OWNER)


def _settle(signup_id: UUID) -> None:
    with _held(signup_id) as (_, signup):
        signup.step = SignupStep.READY
        signup.password_hash = ""


def forget_expired() -> None:
    """Remove the sign-ups whose links are over. One that got stuck after its confirmation stays."""
    over = (Signup.expires_at <= clock.now()) & (Signup.step != SignupStep.CONFIRMED)
    with platform_work() as session:
        session.execute(delete(Signup).where(over))


STEPS: tuple[Callable[[UUID], None], ...] = (
    _confirm,
    _give_schema,
    _own,
    _start_trial,
    _enter_owner,
    _settle,
)


@contextmanager
def _held(signup_id: UUID) -> Iterator[tuple[Session, Signup]]:
    """One step is one transaction; whoever presses twice waits for himself."""
    with platform_work() as session:
        yield session, session.get_one(Signup, signup_id, with_for_update=True)


def _tenant_id(signup: Signup) -> UUID:
    if signup.tenant_id is None:
        raise RuntimeError("This sign-up has no schema yet.")
    return signup.tenant_id
