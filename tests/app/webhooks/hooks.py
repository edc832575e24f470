"""A firm with a webhook, and what becomes of what it sends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.notifications.models import Channel, Delivery
from tests.firms import Firm

EVERYTHING = ("created", "changed", "deleted")


@dataclass(frozen=True)
class Hook:
    firm: Firm
    id: UUID
    secret: str

    @property
    def url(self) -> str:
        return f"{self.firm.url}/webhooks/{self.id}"

    def press(self, button: str) -> None:
        answer = self.firm.client().post(f"{self.url}/{button}")
        assert answer.status_code == 303, answer.text

    def deliveries(self) -> list[Delivery]:
        """Oldest first."""
        return [one for one in deliveries(self.firm) if one.target == str(self.id)]


def hook(
    firm: Firm, address: str, *, kinds: tuple[str, ...] = ("contact",), events: tuple[str, ...] = EVERYTHING
) -> Hook:
    """Made by the owner on the page."""
    entered = {"name": "Shop", "address": address, "kinds": list(kinds), "events": list(events)}
    answer = firm.client().post(f"{firm.url}/webhooks/new", data=entered)
    assert answer.status_code == 201, answer.text
    found = re.search(rf"{firm.url}/webhooks/([0-9a-f-]{{36}})/edit", answer.text)
    assert found
    return Hook(firm=firm, id=UUID(found[1]), secret=shown_secret(answer.text))


def shown_secret(page: str) -> str:
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", page)
    return found[0] if found else ""


def deliveries(firm: Firm) -> list[Delivery]:
    with firm.work() as session:
        query = select(Delivery).where(Delivery.channel == Channel.WEBHOOK).order_by(Delivery.created_at, Delivery.id)
        return list(session.scalars(query))
