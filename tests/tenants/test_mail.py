"""Mail against a strict server of our own: none lost, none sent twice without need, the same Message-ID each time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.tenants.letterbox import Letterbox, letterbox


@pytest.fixture
def box(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Letterbox]:
    from config.settings import settings
    from tenants import mail

    with letterbox() as found:
        given = replace(settings(), smtp_url=f"smtp://127.0.0.1:{found.port}", mail_from="Kontor <post@kontor.example>")
        monkeypatch.setattr(mail, "settings", lambda: given)
        yield found


def post(app: Flask, subject: str = "Hallo Jürgen") -> None:
    from tenants import mail
    from tenants.db import platform_work

    with app.app_context(), platform_work() as session:
        mail.post(session, to="ada@hafen.example", subject=subject, body="Grüße\n")


def deliver(app: Flask) -> int:
    from tenants import mail

    with app.app_context():
        return mail.deliver_due()


def states(app: Flask) -> list[str]:
    from tenants.db import platform_reading
    from tenants.models import Mail

    with app.app_context(), platform_reading() as session:
        return [str(state) for state in session.scalars(select(Mail.state))]


def bodies(app: Flask) -> list[str]:
    from tenants.db import platform_reading
    from tenants.models import Mail

    with app.app_context(), platform_reading() as session:
        return list(session.scalars(select(Mail.body)))


@pytest.fixture
def later(app: Flask) -> Iterator[None]:
    """An hour from now for everything that asks the clock afterwards."""
    from tenants import clock

    yield
    clock.travel_with(timedelta)


def travel(hours: float) -> None:
    from tenants import clock

    clock.travel_with(lambda: timedelta(hours=hours))


def test_a_mail_arrives_once_as_it_was_written(app: Flask, box: Letterbox) -> None:
    post(app)

    assert deliver(app) == 1
    assert deliver(app) == 0

    (letter,) = box.letters
    assert letter["To"] == "ada@hafen.example"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"].endswith("@kontor.example>")
    assert letter.get_payload(decode=True).decode().split() == ["Grüße"]
    assert states(app) == ["sent"]
    assert bodies(app) == [""]


def test_what_was_put_back_by_a_rollback_is_never_sent(app: Flask, box: Letterbox) -> None:
    from tenants import mail
    from tenants.db import platform_work

    with pytest.raises(ZeroDivisionError), app.app_context(), platform_work() as session:
        mail.post(session, to="a@b.example", subject="x", body="y")
        raise ZeroDivisionError

    assert deliver(app) == 0


@pytest.mark.usefixtures("later")
def test_a_refused_mail_is_tried_again_later_under_the_same_id_and_in_the_end_given_up(
    app: Flask, box: Letterbox
) -> None:
    from tenants import mail

    box.refuse = True
    post(app)
    deliver(app)
    assert states(app) == ["pending"]
    assert deliver(app) == 0

    travel(hours=1)
    box.refuse = False
    assert deliver(app) == 1
    assert states(app) == ["sent"]

    box.refuse = True
    post(app, "Another")
    for attempt in range(mail.ATTEMPTS):
        travel(hours=1 + 100 * (attempt + 1))
        deliver(app)
    assert sorted(states(app)) == ["failed", "sent"]
    assert len(box.letters) == 1


@pytest.mark.usefixtures("later")
def test_a_sender_that_was_killed_in_the_middle_loses_nothing(app: Flask, box: Letterbox) -> None:
    from tenants import mail

    post(app)
    with app.app_context():
        (claimed,) = mail._claim(1)
        first = mail._message(claimed)["Message-ID"]
    assert deliver(app) == 0

    travel(hours=1)
    assert deliver(app) == 1
    assert [letter["Message-ID"] for letter in box.letters] == [first]


def test_two_senders_at_once_send_each_mail_once(app: Flask, box: Letterbox) -> None:
    for number in range(30):
        post(app, f"Mail {number}")

    with ThreadPoolExecutor(2) as senders:
        while sum(senders.map(deliver, [app, app])):
            pass

    assert sorted(letter["Subject"] for letter in box.letters) == sorted(f"Mail {number}" for number in range(30))


def test_a_server_that_is_away_is_no_crash(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from config.settings import settings
    from tenants import mail

    given = replace(settings(), smtp_url="smtp://127.0.0.1:1")
    monkeypatch.setattr(mail, "settings", lambda: given)
    post(app)

    assert deliver(app) == 1
    assert states(app) == ["pending"]


def test_without_a_server_mails_are_kept_for_the_mailbox(app: Flask) -> None:
    post(app)

    deliver(app)

    assert states(app) == ["kept"]


def test_a_text_that_makes_no_mail_does_not_keep_the_others_from_leaving(app: Flask, box: Letterbox) -> None:
    post(app, subject="one line\nBcc: everybody@hafen.example")
    post(app)

    assert deliver(app) == 2

    assert [letter["Subject"] is not None for letter in box.letters] == [True]
    assert sorted(states(app)) == ["failed", "sent"]


@pytest.mark.usefixtures("later")
def test_what_was_sent_or_failed_is_forgotten_after_its_time_and_what_is_kept_stays(app: Flask, box: Letterbox) -> None:
    from tenants import mail

    post(app, subject="one line\nBcc: everybody@hafen.example")
    post(app)
    deliver(app)

    travel(hours=24 * 15)
    with app.app_context():
        mail.forget_old()
    assert states(app) == ["sent"]

    travel(hours=24 * 31)
    with app.app_context():
        mail.forget_old()
    assert states(app) == []
