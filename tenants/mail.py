"""Mail: a row on the platform in the transaction that wants it said, sent soon after by the scheduler.

Killed between sending and settling, a mail may leave a second time, with the same Message-ID; none is lost. While the
server cannot be reached, mails wait without being to blame; after ``GIVEN_UP_AFTER`` they have failed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from config.settings import settings
from tenants import attempts, clock, smtp
from tenants.db import platform_reading, platform_work
from tenants.errors import NotFound
from tenants.models import Mail, MailState

T = TypeVar("T")
ATTEMPTS = Mail.policy.most
GIVEN_UP_AFTER = timedelta(days=3)
LEASE = timedelta(seconds=2 * smtp.TOTAL + 2 * smtp.COMMAND)
"""What nobody has settled after so long, a killed sender had: it is due again."""

_AWAY = timedelta(seconds=5)
"""The shortest wait for a server that cannot be reached."""


_UNSETTLED = (MailState.PENDING, MailState.SENDING)
_UNSENT = (*_UNSETTLED, MailState.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a mail is for."""

    key: str = ""
    """``invitation:<id>``: a newer mail with the same key stands in the place of one that waits."""

    tenant_id: UUID | None = None
    """Whose administrators see that it failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of an attempt."""

    error: str | None = None
    is_final: bool = False
    """It will never be taken, however often it is sent."""

    is_to_blame: bool = True
    """False where the server was away: it would have taken no other either."""


def post(session: Session, *, to: str, subject: str, body: str, about: About | None = None) -> None:
    """Put a mail on its way with the platform's transaction; one that waits and is about the same leaves no more."""
    concern = about or About()
    if concern.key:
        withdraw(session, about=concern.key)
    mail = Mail(recipient=to, subject=subject, body=body, about=concern.key, tenant_id=concern.tenant_id)
    mail.due_at = clock.now()
    session.add(mail)


def withdraw(session: Session, *, about: str) -> None:
    """What its link opens is gone: what has not left yet does not leave."""
    session.execute(delete(Mail).where(Mail.about == about, Mail.state.in_(_UNSENT)))


def forget_old() -> None:
    """What was sent, and later what nobody could send, is forgotten; the mails of the mailbox page stay."""
    now = clock.now()
    kept_for = {MailState.SENT: settings().sent_mails_days, MailState.FAILED: settings().failed_mails_days}
    with platform_work() as session:
        for state, days in kept_for.items():
            session.execute(delete(Mail).where(Mail.state == state, Mail.created_at < now - timedelta(days=days)))


def failed(*, tenant_id: UUID | None, most: int) -> Sequence[Row[Any]]:
    """(id, created_at, recipient, subject, error) of those that were given up, the newest first: of a tenant, or all.
    Never the text: it holds links.
    """
    columns = (Mail.id, Mail.created_at, Mail.recipient, Mail.subject, Mail.error)
    query = select(*columns).where(Mail.state == MailState.FAILED, *_of(tenant_id))
    with platform_reading() as session:
        return session.execute(query.order_by(Mail.created_at.desc(), Mail.id).limit(most)).all()


def failed_one(mail_id: UUID) -> Row[UUID | None, str, str]:
    """(tenant_id, recipient, subject). Raises NotFound where it has not failed."""
    query = select(Mail.tenant_id, Mail.recipient, Mail.subject)
    with platform_reading() as session:
        found = session.execute(query.where(Mail.id == mail_id, Mail.state == MailState.FAILED)).one_or_none()
    if found is None:
        raise NotFound
    return found


def send_again(mail_id: UUID, *, tenant_id: UUID | None) -> None:
    """``tenant_id``: of whose mails it must be one; None: of anybody's. Raises NotFound unless it has failed."""
    with platform_work() as session:
        _failed(session, mail_id, tenant_id).retry(at=clock.now())


def discard(mail_id: UUID, *, tenant_id: UUID | None) -> None:
    """Raises NotFound, as above."""
    with platform_work() as session:
        session.delete(_failed(session, mail_id, tenant_id))


def _failed(session: Session, mail_id: UUID, tenant_id: UUID | None) -> Mail:
    query = select(Mail).where(Mail.id == mail_id, Mail.state == MailState.FAILED, *_of(tenant_id))
    found = session.scalar(query.with_for_update())
    if found is None:
        raise NotFound
    return found


def _of(tenant_id: UUID | None) -> tuple[ColumnElement[bool], ...]:
    return () if tenant_id is None else (Mail.tenant_id == tenant_id,)


def is_server_left_alone() -> bool:
    return not _room(busy=0)


def next_try() -> datetime:
    """When a mail is due again that found the server away."""
    url = settings().smtp_url
    until = smtp.sender(url).circuit.left_alone_until if url else None
    return max(until or clock.now(), clock.now() + _AWAY)


def deliver_now(mail: Mail, *, thread: str = "") -> Answer:
    """Send a mail of which somebody else keeps account. Without a server it is kept where the mailbox page shows it,
    once however often it is sent.
    """
    if settings().smtp_url is not None:
        return _send(mail, thread=thread)
    kept = {"id": mail.id, "created_at": mail.created_at, "recipient": mail.recipient, "subject": mail.subject}
    row = {**kept, "body": mail.body, "state": MailState.KEPT, "attempts": 1, "due_at": mail.created_at}
    with platform_work() as session:
        session.execute(insert(Mail).values(row).on_conflict_do_nothing())
    return Answer()


def in_parallel(
    take: Callable[[int], Sequence[T]], send: Callable[[T], Answer], settle: Callable[[T, Answer], object]
) -> int:
    """Take what is due, so many at most, send it over a few connections at once, settle each as soon as it is answered,
    until nothing is taken or the server is left alone; answers how many were settled. Threads only send: they know no
    tenant and no database.
    """
    settled = 0
    flying: dict[Future[Answer], T] = {}
    with ThreadPoolExecutor(smtp.CONNECTIONS, thread_name_prefix="mail") as pool:
        while True:
            room = _room(busy=len(flying))
            for one in take(room) if room else ():
                flying[_begun(pool, send, one)] = one
            if not flying:
                return settled
            for done in wait(flying, return_when=FIRST_COMPLETED).done:
                settle(flying.pop(done), done.result())
                settled += 1


def _room(*, busy: int) -> int:
    """How many more may be sent now. A server that keeps failing is left alone, and then tried by one."""
    url = settings().smtp_url
    if url is None:
        return 1
    circuit = smtp.sender(url).circuit
    if circuit.left_alone_until is not None:
        return int(circuit.allows(busy=busy))
    return smtp.CONNECTIONS - busy


def _begun(pool: ThreadPoolExecutor, send: Callable[[T], Answer], one: T) -> Future[Answer]:
    """What leaves for nowhere is kept in the database, so here and at once."""
    if settings().smtp_url is not None:
        return pool.submit(send, one)
    kept: Future[Answer] = Future()
    kept.set_result(send(one))
    return kept


def deliver_due() -> int:
    """Send what is due; returns how many were settled. Safe to run in several processes at once
    (tenants/attempts.py).
    """
    return in_parallel(_claim, _sent, _settle)


def _claim(most: int) -> Sequence[Mail]:
    with platform_work() as session:
        return attempts.claim(session, Mail, Mail.state.in_(_UNSETTLED), most=most, at=clock.now())


def _sent(mail: Mail) -> Answer:
    return Answer() if settings().smtp_url is None else _send(mail)


def _settle(claimed: Mail, answer: Answer) -> None:
    with platform_work() as session:
        mail = attempts.mine(session, Mail, claimed.id)
        if mail is None:
            return
        is_old = mail.created_at < clock.now() - GIVEN_UP_AFTER
        if answer.error is None:
            _taken(mail)
        elif answer.is_final or (is_old and not answer.is_to_blame):
            mail.die(answer.error)
        elif answer.is_to_blame:
            mail.fail(answer.error, at=clock.now())
        else:
            mail.put_off(answer.error, until=next_try())


def _taken(mail: Mail) -> None:
    """Links in it are secrets, so the text goes with the mail."""
    if settings().smtp_url is None:
        mail.finish(MailState.KEPT)
    else:
        mail.finish(MailState.SENT)
        mail.body = ""


def _send(mail: Mail, *, thread: str = "") -> Answer:
    """Hand a mail to the server."""
    try:
        smtp.sender(settings().smtp_url or "").send(_message(mail, thread=thread))
    except smtp.Away as error:
        return Answer(error=str(error), is_to_blame=False)
    except smtp.Interrupted as error:
        return Answer(error=str(error))
    except smtp.Refused as error:
        return Answer(error=str(error), is_final=error.is_final)
    # A text that makes no valid mail must not keep the others of its batch from leaving.
    except ValueError as error:
        return Answer(error=f"{type(error).__name__}: {error}", is_final=True)
    return Answer()


def _message(mail: Mail, *, thread: str = "") -> EmailMessage:
    """``thread``: mails of one thread stand together in a mailbox (RFC 5322, 3.6.4)."""
    sender = settings().mail_from
    host = parseaddr(sender)[1].partition("@")[2] or "localhost"
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, mail.recipient, mail.subject
    message["Message-ID"] = f"<{mail.id}@{host}>"
    if thread:
        message["References"] = f"<{thread}@{host}>"
    message["Date"] = mail.created_at
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message
