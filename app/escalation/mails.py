"""Sending the mails of a tenant's notifications. A worker's turn: over a few connections at once, so that one slow
recipient costs no more than its own time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.escalation import due
from app.notifications import deliveries, mailing
from app.notifications.deliveries import Outcome
from app.notifications.mailing import Send
from app.notifications.models import Channel
from tenants import clock, mail
from tenants.context import Scope, tenant_scope
from tenants.db import unit_of_work
from tenants.mail import Answer
from tenants.models import Tenant
from tenants.turns import Left

BATCH = 20
"""Mails that one tenant sends before others have their turn."""


@dataclass(frozen=True, slots=True)
class _Letter:
    delivery_id: UUID
    send: Send


def act(tenant: Tenant) -> Left:
    """
    1. Claim as many as can be sent at once; what nobody should get any more is settled.
    2. Send them, and settle each as soon as it is answered; claim the next.
    3. Keep when something is due next.
    """
    turn = _Turn(tenant.scope())
    mail.in_parallel(turn.take, lambda letter: letter.send(), turn.settle)
    due.appoint(tenant)
    return Left.MORE if _has_more(tenant) else Left.NOTHING


class _Turn:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._left = BATCH

    def take(self, most: int) -> Sequence[_Letter]:
        with tenant_scope(self._scope, origin=due.ORIGIN), unit_of_work():
            claimed = deliveries.claim(Channel.MAIL, most=min(most, self._left), lease=mail.LEASE)
            ways = mailing.prepare(claimed)
            for unwanted in {one.id for one in claimed} - ways.keys():
                deliveries.settle(unwanted, Outcome(sent=False))
        self._left -= len(claimed)
        return [_Letter(delivery_id, send) for delivery_id, send in ways.items()]

    def settle(self, letter: _Letter, answer: Answer) -> None:
        put_off_until = None if answer.error is None or answer.is_to_blame else mail.next_try()
        outcome = Outcome(error=answer.error, is_final=answer.is_final, put_off_until=put_off_until)
        with tenant_scope(self._scope, origin=due.ORIGIN), unit_of_work():
            deliveries.settle(letter.delivery_id, outcome)


def _has_more(tenant: Tenant) -> bool:
    """While the server is left alone, nobody comes again for it."""
    if mail.is_server_left_alone():
        return False
    with tenant_scope(tenant.scope(), origin=due.ORIGIN), unit_of_work():
        following = deliveries.next_attempt(Channel.MAIL)
    return following is not None and following <= clock.now()
