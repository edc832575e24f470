"""The way to the mail server: encrypted where a password goes along, to whom the certificate names, and bounded."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tenants import clock, mail
from tenants.clock import stopwatch
from tests.tenants.post_office import Authority, PostOffice, authority, post_office, silent_server

Lead = Callable[[str], None]


@pytest.fixture
def lead(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lead]:
    """Mails go to this address from now on."""
    from config.settings import settings

    def set_address(url: str) -> None:
        given = replace(settings(), smtp_url=url, mail_from="Kontor <post@kontor.example>")
        monkeypatch.setattr(mail, "settings", lambda: given)

    yield set_address
    clock.travel_with(timedelta)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusted(ours: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    monkeypatch.setenv("SSL_CERT_FILE", str(ours.file))
    return ours


def post(app: Flask, *subjects: str, to: str = "ada@hafen.example") -> None:
    from tenants.db import platform_work

    with app.app_context(), platform_work() as session:
        for subject in subjects or ("Hello",):
            mail.post(session, to=to, subject=subject, body="Good day.\n")


def deliver(app: Flask) -> int:
    with app.app_context():
        return mail.deliver_due()


def mails(app: Flask) -> list[tuple[str, str | None]]:
    """(state, error) of all, oldest first."""
    from tenants.db import platform_reading
    from tenants.models import Mail

    with app.app_context(), platform_reading() as session:
        return [(str(one.state), one.error) for one in session.scalars(select(Mail).order_by(Mail.id))]


def travel(**away: float) -> None:
    clock.travel_with(lambda: timedelta(**away))


@pytest.mark.parametrize("way", ["smtps", "smtp"])
def test_a_server_with_the_right_certificate_gets_password_and_mail(
    app: Flask, lead: Lead, trusted: Authority, way: str
) -> None:
    with office(trusted, way, "localhost") as found:
        lead(f"{way}://kontor:secret@localhost:{found.port}")
        post(app)

        deliver(app)

    assert found.subjects == ["Hello"]
    assert found.passwords == ["secret"]


def office(of: Authority, way: str, name: str) -> AbstractContextManager[PostOffice]:
    context = of.context(name)
    return post_office(tls=context) if way == "smtps" else post_office(starttls=context)


@pytest.mark.parametrize("way", ["smtps", "smtp"])
def test_a_server_with_the_certificate_of_another_host_gets_neither_password_nor_mail(
    app: Flask, lead: Lead, trusted: Authority, way: str
) -> None:
    with office(trusted, way, "other.example") as found:
        lead(f"{way}://kontor:secret@localhost:{found.port}")
        post(app)

        deliver(app)

    _stays(app, found, because="Hostname mismatch")


@pytest.mark.parametrize("way", ["smtps", "smtp"])
def test_a_server_whose_authority_nobody_knows_gets_neither_password_nor_mail(
    app: Flask, lead: Lead, ours: Authority, way: str
) -> None:
    with office(ours, way, "localhost") as found:
        lead(f"{way}://kontor:secret@localhost:{found.port}")
        post(app)

        deliver(app)

    _stays(app, found, because="certificate verify failed")


def _stays(app: Flask, found: PostOffice, *, because: str) -> None:
    ((state, error),) = mails(app)
    assert state == "pending"
    assert because in (error or "")
    assert "secret" not in (error or "")
    assert found.subjects == []
    assert found.passwords == []


@pytest.mark.parametrize(
    "address", ["smtp://kontor:secret@localhost:{port}", "smtp://localhost:{port}?starttls=required"]
)
def test_a_server_that_offers_no_encryption_gets_nothing_where_it_is_required(
    app: Flask, lead: Lead, address: str
) -> None:
    with post_office() as found:
        lead(address.format(port=found.port))
        post(app)

        deliver(app)

    _stays(app, found, because="STARTTLS")


def test_without_a_user_a_server_beside_us_gets_mails_as_they_are(app: Flask, lead: Lead) -> None:
    with post_office() as found:
        lead(f"smtp://localhost:{found.port}")
        post(app)

        deliver(app)

    assert found.subjects == ["Hello"]


def test_many_mails_leave_over_a_few_connections_that_are_kept(app: Flask, lead: Lead) -> None:
    from tenants import smtp

    with post_office() as found:
        lead(f"smtp://localhost:{found.port}")
        post(app, *(f"Mail {number:02}" for number in range(30)))

        deliver(app)
        first = found.connections
        post(app, "One more")
        deliver(app)

    assert sorted(found.subjects) == [*(f"Mail {number:02}" for number in range(30)), "One more"]
    assert first <= smtp.CONNECTIONS
    assert found.connections == first
    assert len(set(found.ids)) == 31


def test_a_kept_connection_that_the_server_has_closed_is_opened_again(app: Flask, lead: Lead) -> None:
    with post_office() as found:
        lead(f"smtp://localhost:{found.port}")
        post(app, "Before")
        deliver(app)
        _hang_up(found)
        post(app, "After")

        deliver(app)

    assert found.subjects == ["Before", "After"]
    assert [state for state, _ in mails(app)] == ["sent", "sent"]


def _hang_up(found: PostOffice) -> None:
    """Every kept connection to this server is dead, and nobody was told."""
    from tenants import smtp

    for sender in smtp.senders():
        for connection in sender.idle():
            if connection.sock is not None and connection.sock.getpeername()[1] == found.port:
                connection.sock.shutdown(socket.SHUT_RDWR)


def test_a_recipient_that_is_refused_for_good_is_not_tried_again_and_harms_no_other(app: Flask, lead: Lead) -> None:
    with post_office() as found:
        found.refused["gone@hafen.example"] = "550 no such user"
        found.refused["later@hafen.example"] = "450 come again"
        lead(f"smtp://localhost:{found.port}")
        post(app, to="gone@hafen.example")
        post(app, to="later@hafen.example")
        post(app, "Fine")

        deliver(app)

    (gone, why), (again, _), (fine, _) = mails(app)
    assert (gone, again, fine) == ("failed", "pending", "sent")
    assert "no such user" in (why or "")
    assert found.subjects == ["Fine"]


@pytest.mark.parametrize("says", [b"", b"220 box\r\n"])
def test_a_silent_server_is_left_alone_after_some_failures_and_tried_again_by_one_mail(
    app: Flask, lead: Lead, monkeypatch: pytest.MonkeyPatch, says: bytes
) -> None:
    from tenants import smtp

    monkeypatch.setattr(smtp, "GREETING", 0.3)
    monkeypatch.setattr(smtp, "COMMAND", 0.3)
    with silent_server(says=says) as port:
        lead(f"smtp://localhost:{port}")
        post(app, *(f"Mail {number}" for number in range(20)))

        tried = deliver(app)
        again = deliver(app)
        travel(minutes=2)
        probed = deliver(app)

    assert 0 < tried <= 2 * smtp.CONNECTIONS
    assert again == 0
    assert probed == 1
    assert {state for state, _ in mails(app)} == {"pending"}


def test_once_the_server_answers_again_everything_leaves_once(
    app: Flask, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenants import smtp

    monkeypatch.setattr(smtp, "GREETING", 0.3)
    subjects = [f"Mail {number:02}" for number in range(20)]
    with silent_server() as port:
        lead(f"smtp://localhost:{port}")
        post(app, *subjects)
        deliver(app)
    with post_office() as found:
        # The silent server's port may be taken by now, so its sender is led to another.
        disappointed = smtp.sender(f"smtp://localhost:{port}")
        monkeypatch.setattr(disappointed, "_server", smtp.read(f"smtp://localhost:{found.port}"))
        travel(minutes=2)
        while deliver(app):
            pass

    assert sorted(found.subjects) == subjects


def test_whoever_sends_a_byte_now_and_then_is_cut_off_in_the_end(
    app: Flask, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenants import smtp

    monkeypatch.setattr(smtp, "TOTAL", 1.0)
    with silent_server(says=b"220-wait\r\n", again_every=0.2) as port:
        lead(f"smtp://localhost:{port}")
        post(app)
        began = stopwatch()

        deliver(app)

    assert stopwatch() - began < 30
    ((state, _),) = mails(app)
    assert state == "pending"
