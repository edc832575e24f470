"""What could not be sent is seen by whoever manages the firm, sent once more or discarded; no link is shown."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from app.notifications.models import Channel, Delivery, DeliveryState
from tenants.models import Mail
from tests.app.notifications.test_inbox import tell
from tests.colleagues import colleague
from tests.firms import Firm, visitor_with_role
from tests.tenants.post_office import post_office


def invite(firm: Firm, email: str = "gast@hafen.example") -> None:
    sent = {"email": email, "name": "Gero Gast", "role": "member"}
    assert firm.client().post(f"{firm.url}/users/invite", data=sent).status_code == 303


def platform_mails(firm: Firm) -> list[Mail]:
    from tenants.db import platform_reading

    with firm.app.app_context(), platform_reading() as session:
        return list(session.scalars(select(Mail).order_by(Mail.id)))


def fail(firm: Firm) -> str:
    """The server refuses all that waits; answers the secret of the invitation's link."""
    from tenants.db import platform_work

    (mail,) = platform_mails(firm)
    with firm.app.app_context(), platform_work() as session:
        session.get_one(Mail, mail.id).die("550 no such user")
    return next(line for line in mail.body.splitlines() if "://" in line).rpartition("/")[2]


def test_a_failed_invitation_is_seen_without_its_link_and_sent_once_more(
    acme: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    from config.settings import settings
    from tenants import mail

    invite(acme)
    secret = fail(acme)

    page = acme.client().get(f"{acme.url}/mails").text
    assert "gast@hafen.example" in page
    assert "550 no such user" in page
    assert len(secret) > 20
    assert secret not in page

    (failed,) = platform_mails(acme)
    assert acme.client().post(f"{acme.url}/mails/{failed.id}/send").status_code == 303
    with post_office() as found:
        given = replace(settings(), smtp_url=f"smtp://127.0.0.1:{found.port}")
        monkeypatch.setattr(mail, "settings", lambda: given)
        with acme.app.app_context():
            assert mail.deliver_due() == 1
    (sent,) = platform_mails(acme)
    assert (sent.state, sent.body) == ("sent", "")


def test_a_failed_mail_of_a_notification_is_seen_and_discarded(acme: Firm) -> None:
    bodo = colleague(acme)
    tell(acme, "one", user_id=bodo.user_id, by_mail=True)
    with acme.work() as session:
        session.scalars(select(Delivery).where(Delivery.channel == Channel.MAIL)).one().die("451 later")
    page = acme.client().get(f"{acme.url}/mails").text

    acme.client().post(f"{acme.url}/mails/{_only(acme).id}/discard")

    assert "Told as one" in page
    assert bodo.email in page
    assert "<code>451 later</code>" in page
    assert "The mail could not be handed over." in page
    assert _only(acme).state is DeliveryState.DROPPED
    assert "Told as one" not in acme.client().get(f"{acme.url}/mails").text


def _only(firm: Firm) -> Delivery:
    with firm.work() as session:
        return session.scalars(select(Delivery).where(Delivery.channel == Channel.MAIL)).one()


def test_nobody_touches_the_mails_of_another_firm_and_no_member_sees_any(acme: Firm, globex: Firm) -> None:
    invite(acme)
    fail(acme)
    (failed,) = platform_mails(acme)

    assert "gast@hafen.example" not in globex.client().get(f"{globex.url}/mails").text
    assert globex.client().post(f"{globex.url}/mails/{failed.id}/send").status_code == 404
    assert globex.client().post(f"{globex.url}/mails/{failed.id}/discard").status_code == 404
    with visitor_with_role(acme, "member") as member:
        assert member.get(f"{acme.url}/mails").status_code == 403


def test_a_withdrawn_invitation_takes_its_waiting_mail_along_and_a_newer_one_the_older(acme: Firm) -> None:
    invite(acme)
    invite(acme)
    (newer,) = platform_mails(acme)

    acme.client().post(f"{acme.url}/users/invitations/{_invitation(acme)}/withdraw")

    assert newer.state == "pending"
    assert platform_mails(acme) == []


def _invitation(firm: Firm) -> UUID:
    from tenants import invitations

    with firm.work():
        return invitations.waiting()[0].id
