"""A mail server that takes its time: a batch outlives the claim on it, and still nobody gets a mail twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from app.escalation import mails
from app.notifications import mailing
from app.notifications.mailing import Send
from app.notifications.models import Delivery
from tenants import attempts, clock, registry
from tenants.mail import Answer
from tests.app.notifications.test_inbox import tell
from tests.colleagues import colleague
from tests.firms import Firm

SECONDS = 25
"""What one mail takes."""


@pytest.fixture
def present() -> Iterator[None]:
    yield
    clock.travel_with(timedelta)


@pytest.mark.usefixtures("present")
def test_what_another_worker_has_claimed_meanwhile_is_not_sent_again(
    acme: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[UUID] = []

    def send(delivery_id: UUID) -> Answer:
        sent.append(delivery_id)
        away = timedelta(seconds=SECONDS * len(sent))
        clock.travel_with(lambda: away)
        if len(sent) == 3:
            _another_worker(acme, monkeypatch)
        return Answer()

    def prepare(claimed: Sequence[Delivery]) -> Mapping[UUID, Send]:
        return {one.id: partial(send, one.id) for one in claimed}

    monkeypatch.setattr(mailing, "prepare", prepare)
    bodo = colleague(acme)
    tell(acme, *(f"n{number}" for number in range(6)), user_id=bodo.user_id, by_mail=True)

    _turn(acme)

    assert len(sent) == len(set(sent)) == 6


def _another_worker(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as there:
        there.setattr(attempts, "_ME", "another")
        _turn(firm)


def _turn(firm: Firm) -> None:
    with firm.app.app_context():
        mails.act(registry.find(firm.scope.tenant_id))
