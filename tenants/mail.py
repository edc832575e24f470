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
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from config.settings import settings
from tenants import clock, smtp
from tenants.db import platform_work
from tenants.models import Mail, MailState

T = TypeVar("T")
ATTEMPTS = 8
GIVEN_UP_AFTER = timedelta(days=3)
LEASE = timedelta(seconds=2 * smtp.TOTAL + 2 * smtp.COMMAND)
"""What nobody has settled after so long, a killed sender had: it is due again."""

_AWAY = timedelta(seconds=5)
"""The shortest wait for a server that cannot be reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of an attempt."""

    error: str | None = None
    is_final: bool = False
    """It will never be taken, however often it is sent."""

    is_to_blame: bool = True
    """False where the server was away: it would have taken no other either."""


def post(session: Session, *, to: str, subject: str, body: str) -> None:
    """Put a mail on its way with the platform's transaction."""
    session.add(Mail(recipient=to, subject=subject, body=body, due_at=clock.now()))


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
    """Send what is due; returns how many were settled. Safe to run in several processes at once."""
    return in_parallel(_claim, _sent, _settle)


def _claim(most: int) -> Sequence[Mail]:
    """Mark some as being sent. A mark that nobody settles falls due again: its sender was killed."""
    with platform_work() as session:
        due = select(Mail).where(Mail.state.in_([MailState.PENDING, MailState.SENDING]), Mail.due_at <= clock.now())
        mails = session.scalars(due.order_by(Mail.due_at).limit(most).with_for_update(skip_locked=True)).all()
        for mail in mails:
            mail.state = MailState.FAILED if mail.attempts >= ATTEMPTS else MailState.SENDING
            mail.attempts += 1
            mail.due_at = clock.now() + LEASE
        return [mail for mail in mails if mail.state is MailState.SENDING]


def _sent(mail: Mail) -> Answer:
    return Answer() if settings().smtp_url is None else _send(mail)


def _settle(claimed: Mail, answer: Answer) -> None:
    with platform_work() as session:
        mail = session.get_one(Mail, claimed.id, with_for_update=True)
        if mail.state is not MailState.SENDING or mail.attempts != claimed.attempts:
            return
        mail.error = answer.error
        if answer.error is None:
            _taken(mail)
        elif answer.is_final or mail.attempts >= ATTEMPTS or mail.created_at < clock.now() - GIVEN_UP_AFTER:
            mail.state = MailState.FAILED
        elif answer.is_to_blame:
            mail.state, mail.due_at = MailState.PENDING, clock.now() + timedelta(seconds=10 * 3**mail.attempts)
        else:
            mail.state, mail.due_at = MailState.PENDING, next_try()
            mail.attempts -= 1


def _taken(mail: Mail) -> None:
    """Links in it are secrets, so the text goes with the mail."""
    if settings().smtp_url is None:
        mail.state = MailState.KEPT
    else:
        mail.state, mail.body = MailState.SENT, ""


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
