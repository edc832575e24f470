from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, String, Uuid, cast, func, select, update

from app.affiliations import queries
from app.affiliations.models import Affiliation
from app.companies import actions as companies
from app.contactpoints import actions as points
from app.contacts.models import Contact
from app.core import keys
from app.core.fields import Values
from tenants import bulk
from tenants.db import db, new_id


def add_employers(_entity: str, rows: Sequence[tuple[UUID, Values]], *, since: date | None = None) -> None:
    """For many new contacts: the company each line names, found or added, and what the person is there."""
    _add([(contact_id, values) for contact_id, values in rows if values.get("company")], since=since)


def _add(named: Sequence[tuple[UUID, Values]], *, since: date | None) -> list[UUID]:
    if not named:
        return []
    ids = [new_id() for _ in named]
    found = companies.find_or_add([values["company"] or "" for _, values in named])
    bulk.insert_rows(
        Affiliation,
        [
            {
                "id": affiliation_id,
                "contact_id": contact_id,
                "company_id": found[values["company"] or ""],
                "role": values.get("role") or "",
                "since": since,
            }
            for affiliation_id, (contact_id, values) in zip(ids, named, strict=True)
        ],
    )
    return ids


def employ(contact_id: UUID, *, company: str, role: str, since: date | None = None) -> UUID:
    """The contact works for the company of this name too, from that day on or for who knows how long."""
    (added,) = _add([(contact_id, {"company": company, "role": role})], since=since)
    retell(of=Affiliation.contact_id == contact_id)
    return added


def retell(*, of: ColumnElement[bool]) -> None:
    """Let these contacts be found by what their employers, former ones too, are called now; one statement for all."""
    names = queries.employers_ever(of=of)
    if not names:
        return
    words = [keys.search_text(own) for own in names.values()]
    told = select(
        func.unnest(cast(list(names), ARRAY(Uuid))).label("id"),
        func.unnest(cast(words, ARRAY(String))).label("words"),
    ).subquery()
    db.session.execute(
        update(Contact)
        .where(Contact.id == told.c.id)
        .values(beside_text=told.c.words)
        .execution_options(synchronize_session=False)
    )


def end(affiliation: Affiliation, *, on: date) -> None:
    """``on`` is the first day on which the person is no longer there; what has ended before stays as it is.

    Raises EndsBeforeItBegan.
    """
    if affiliation.until is not None and affiliation.until <= on:
        return
    affiliation.hold(since=affiliation.since, until=on)


def move(affiliation: Affiliation, *, company: str, role: str, on: date, ending: Collection[UUID]) -> None:
    """The person works elsewhere from ``on`` on; what they could be reached by in the old job ends with it.

    Raises EndsBeforeItBegan.
    """
    end(affiliation, on=on)
    points.end_points("contact", affiliation.contact_id, ending, on=on)
    add_employers("contact", [(affiliation.contact_id, {"company": company, "role": role})], since=on)
    retell(of=Affiliation.contact_id == affiliation.contact_id)


def change(affiliation: Affiliation, *, role: str, since: date | None, until: date | None) -> None:
    """Raises EndsBeforeItBegan."""
    affiliation.role = role
    affiliation.hold(since=since, until=until)
