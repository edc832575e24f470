"""Codes on paper, for when the phone is lost: ten, each opens the account once."""

from __future__ import annotations

import base64
import secrets

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from tenants import clock
from tenants.db import platform_reading
from tenants.identities import digest
from tenants.second_factors.models import Account, RecoveryCode

NUMBER = 10
_BYTES = 10
_LETTERS = 16


def make(session: Session, account: Account) -> list[str]:
    """New ones in the place of all former; whoever asked sees them now and never again."""
    session.execute(delete(RecoveryCode).where(account.owns(RecoveryCode)))
    made = [_spelled(secrets.token_bytes(_BYTES)) for _ in range(NUMBER)]
    session.add_all(RecoveryCode(**account.columns(), code_hash=digest(_letters(code))) for code in made)
    return made


def _spelled(chance: bytes) -> str:
    letters = base64.b32encode(chance).decode()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def _letters(typed: str) -> str:
    """However it was typed: with or without dashes and blanks, small or large; 0, 1 and 8 are no letters of Base32."""
    return "".join(typed.split()).replace("-", "").upper().translate(str.maketrans("018", "OIB"))


def looks_like(typed: str) -> bool:
    return len(_letters(typed)) == _LETTERS


def use(session: Session, account: Account, typed: str) -> bool:
    """Whether it opened the account; no code does so twice."""
    unused = (RecoveryCode.code_hash == digest(_letters(typed))) & RecoveryCode.used_at.is_(None)
    used = update(RecoveryCode).where(account.owns(RecoveryCode), unused).values(used_at=clock.now())
    return session.scalar(used.returning(RecoveryCode.id)) is not None


def left(account: Account) -> int:
    query = select(func.count()).where(account.owns(RecoveryCode), RecoveryCode.used_at.is_(None))
    with platform_reading() as session:
        return session.scalars(query).one()


def forget(session: Session, account: Account) -> None:
    session.execute(delete(RecoveryCode).where(account.owns(RecoveryCode)))
