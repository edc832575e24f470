"""Somebody has lost their second factor and every code on paper: whoever runs the platform, having made sure who they
are, takes it away. They are told by mail, and it is written down.
"""

from __future__ import annotations

from sqlalchemy import delete, select

from tenants import identities, mail, operators
from tenants.db import platform_reading, platform_work
from tenants.errors import NotFound
from tenants.models import Identity, LoginSession
from tenants.operators import Act, Hand, Operator, OperatorSession, OperatorUnknown
from tenants.second_factors import factors
from tenants.second_factors.models import Account


class PersonUnknown(NotFound):
    """Nobody has this address."""

    code = "person_unknown"


def person(email: str) -> Identity:
    """Raises PersonUnknown."""
    with platform_reading() as session:
        found = identities.find_by_email(session, email)
    if found is None:
        raise PersonUnknown
    return found


def of_person(email: str, *, letter: tuple[str, str], by: Hand) -> Identity:
    """From now on the password alone lets them in; every browser is logged out. ``letter``: subject and body.

    Raises PersonUnknown.
    """
    identity = person(email)
    with platform_work() as session:
        factors.forget_all(session, Account(identity_id=identity.id))
        session.execute(delete(LoginSession).where(LoginSession.identity_id == identity.id))
        operators.note(session, Act.REMOVED_SECOND_FACTOR, by=by, reason=identity.email)
        subject, body = letter
        mail.post(session, to=identity.email, subject=subject, body=body)
    return identity


def of_operator(email: str, *, by: Hand) -> Operator:
    """They add a new one at their next log-in; every browser is logged out.

    Raises OperatorUnknown.
    """
    with platform_work() as session:
        found = session.scalar(select(Operator).where(Operator.email == email.strip().lower()))
        if found is None:
            raise OperatorUnknown
        factors.forget_all(session, Account(operator_id=found.id))
        session.execute(delete(OperatorSession).where(OperatorSession.operator_id == found.id))
        operators.note(session, Act.REMOVED_SECOND_FACTOR, by=by, reason=found.email)
    return found
