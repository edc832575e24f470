"""Sending what webhooks are to be told. A worker's turn: several at once, so that one slow address costs no more
than its own time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from app.escalation import due
from app.notifications import deliveries, troubles
from app.notifications.deliveries import Outcome
from app.notifications.models import Channel, Delivery
from app.webhooks import health, queries, signing
from tenants import clock, outbound
from tenants.context import tenant_scope
from tenants.db import unit_of_work
from tenants.models import Tenant
from tenants.outbound import Failed
from tenants.turns import Left

AT_ONCE = 10
"""Messages of one turn, which so takes little longer than the slowest of them."""

_AGENT = "Kontor-Webhooks/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message with all that sending it needs: threads know no tenant."""

    delivery_id: UUID
    webhook_id: UUID
    address: str
    body: bytes
    headers: Mapping[str, str]


def act(tenant: Tenant) -> Left:
    """
    1. Claim what is due; what its webhook no longer wants is settled.
    2. Send all at once, each with its own time limit.
    3. Settle each as soon as it is answered, and keep how the address answers.
    4. Keep when something is due next.
    """
    with tenant_scope(tenant.scope(), origin=due.ORIGIN), unit_of_work():
        claimed = deliveries.claim(Channel.WEBHOOK, most=AT_ONCE)
        letters = _letters(claimed)
        for unwanted in {one.id for one in claimed} - {letter.delivery_id for letter in letters}:
            deliveries.settle(unwanted, Outcome(sent=False))
    for letter, outcome in _answers(letters):
        with tenant_scope(tenant.scope(), origin=due.ORIGIN), unit_of_work():
            if deliveries.settle(letter.delivery_id, outcome) is not None:
                health.note(letter.webhook_id, outcome, at=clock.now())
    due.appoint(tenant)
    return Left.MORE if _has_more(tenant) else Left.NOTHING


def _letters(claimed: Sequence[Delivery]) -> list[Letter]:
    ids = {UUID(one.target) for one in claimed}
    addresses, secrets = queries.addresses(ids), queries.secrets(ids, at=clock.now())
    return [
        _letter(one, UUID(one.target), addresses[UUID(one.target)], secrets[UUID(one.target)])
        for one in claimed
        if UUID(one.target) in addresses and UUID(one.target) in secrets
    ]


def _letter(delivery: Delivery, webhook_id: UUID, address: str, secrets: Sequence[bytes]) -> Letter:
    body = dumped(delivery.payload)
    signed = signing.headers(str(delivery.id), body, secrets=secrets, at=clock.now())
    return Letter(
        delivery_id=delivery.id,
        webhook_id=webhook_id,
        address=address,
        body=body,
        headers={"Content-Type": "application/json", "User-Agent": _AGENT, **signed},
    )


def dumped(payload: Any) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def _answers(letters: Sequence[Letter]) -> Iterator[tuple[Letter, Outcome]]:
    if not letters:
        return
    with ThreadPoolExecutor(len(letters)) as pool:
        sent = {pool.submit(_send, letter): letter for letter in letters}
        for done in as_completed(sent):
            yield sent[done], done.result()


def _send(letter: Letter) -> Outcome:
    try:
        answer = outbound.post(letter.address, body=letter.body, headers=letter.headers)
    except Failed as failed:
        return Outcome(error=failed.trouble.value)
    is_taken = HTTPStatus(200) <= answer.status < HTTPStatus(300)
    return Outcome(error=None if is_taken else troubles.ANSWERED, answer=answer.status)


def _has_more(tenant: Tenant) -> bool:
    with tenant_scope(tenant.scope(), origin=due.ORIGIN), unit_of_work():
        following = deliveries.next_attempt(Channel.WEBHOOK)
    return following is not None and following <= clock.now()
