"""Mail: a row on the platform in the transaction that wants it said, sent soon after by the scheduler.

Killed between sending and settling, a mail may leave a second time, with the same Message-ID; none is lost.
"""

from __future__ import annotations

import smtplib
from datetime import timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from config.settings import settings
from tenants import clock
from tenants.db import platform_work
from tenants.models import Mail, MailState

ATTEMPTS = 8
_BATCH = 20
_SECONDS = 15


def post(session: Session, *, to: str, subject: str, body: str) -> None:
    """Put a mail on its way with the platform's transaction."""
    session.add(Mail(recipient=to, subject=subject, body=body, due_at=clock.now()))


def deliver_now(mail: Mail, *, thread: str = "") -> str | None:
    """Send a mail of which somebody else keeps account; answers what went wrong, or None. Without a server it is kept
    where the mailbox page shows it, once however often it is sent.
    """
    if settings().smtp_url is not None:
        return _send(mail, thread=thread)
    kept = {"id": mail.id, "created_at": mail.created_at, "recipient": mail.recipient, "subject": mail.subject}
    row = {**kept, "body": mail.body, "state": MailState.KEPT, "attempts": 1, "due_at": mail.created_at}
    with platform_work() as session:
        session.execute(insert(Mail).values(row).on_conflict_do_nothing())
    return None


def deliver_due() -> int:
    """Send what is due; returns how many were settled. Safe to run in several processes at once."""
    claimed = _claim()
    for mail in claimed:
        error = None if settings().smtp_url is None else _send(mail)
        _settle(mail.id, error=error)
    return len(claimed)


def _claim() -> list[Mail]:
    """Mark a batch as being sent. A mark that nobody settles falls due again: its sender was killed."""
    with platform_work() as session:
        due = select(Mail).where(Mail.state.in_([MailState.PENDING, MailState.SENDING]), Mail.due_at <= clock.now())
        mails = list(session.scalars(due.order_by(Mail.due_at).limit(_BATCH).with_for_update(skip_locked=True)))
        for mail in mails:
            mail.state = MailState.SENDING
            mail.attempts += 1
            mail.due_at = clock.now() + timedelta(seconds=10 * 3**mail.attempts)
        return mails


def _settle(mail_id: UUID, *, error: str | None) -> None:
    with platform_work() as session:
        mail = session.get_one(Mail, mail_id, with_for_update=True)
        mail.error = error
        if error is None:
            mail.state = MailState.SENT if settings().smtp_url else MailState.KEPT
        else:
            mail.state = MailState.FAILED if mail.attempts >= ATTEMPTS else MailState.PENDING


def _send(mail: Mail, *, thread: str = "") -> str | None:
    """Hand a mail to the server; answers what went wrong, or None."""
    url = urlsplit(settings().smtp_url or "")
    kind = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(url.hostname or "localhost", url.port or 0, timeout=_SECONDS) as server:
            if url.username:
                server.starttls() if url.scheme == "smtp" else None
                server.login(unquote(url.username), unquote(url.password or ""))
            server.send_message(_message(mail, thread=thread))
    # A text that makes no valid mail is a ValueError; it must not keep the others of its batch from leaving.
    except (OSError, ValueError, smtplib.SMTPException) as error:
        return f"{type(error).__name__}: {error}"
    return None


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
