"""Who may confirm a sign-up: a link in a mail opens no account that has a password already."""

from __future__ import annotations

from enum import Enum, auto

from app.core import callers, visitors
from app.signup import actions, queries
from tenants import guessing, hashing, identities
from tenants.guessing import WrongCredentials
from tenants.signups import Signup, SignupStep


class Proof(Enum):
    """What has to be typed beside pressing the button."""

    NOTHING = auto()
    """The firm is open, and its pages ask for the log-in; or its owner is logged in in this browser."""

    NEW_PASSWORD = auto()
    """Nobody has the address yet."""

    PASSWORD = auto()


def needed(signup: Signup) -> Proof:
    if signup.step is SignupStep.READY:
        return Proof.NOTHING
    known, visitor = queries.identity_of(signup), visitors.visitor()
    if known is None:
        return Proof.NEW_PASSWORD if signup.step is SignupStep.ASKED else Proof.PASSWORD
    if visitor is not None and visitor.entry.identity_id == known.id:
        return Proof.NOTHING
    return Proof.PASSWORD


def give(signup: Signup, typed: str) -> None:
    """Raises LinkExpired; WeakPassword, WrongCredentials, TooOften for what was typed."""
    match needed(signup):
        case Proof.NEW_PASSWORD:
            actions.choose_password(signup, typed)
        case Proof.PASSWORD if queries.identity_of(signup) is not None:
            identities.check_password(email=signup.email, password=typed, by=callers.caller(signup.email))
        case Proof.PASSWORD:
            _as_chosen(signup, typed)


def _as_chosen(signup: Signup, typed: str) -> None:
    """It was interrupted before the account was made: by the password that was chosen then.

    Raises WrongCredentials, TooOften.
    """
    with guessing.attempt(signup.email, by=callers.caller(signup.email)):
        if not hashing.fits(signup.password_hash, typed):
            raise WrongCredentials
