"""Many contacts found by lines of a list, and changed at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, String, Uuid, any_, bindparam, select

from app.contactpoints import numbers
from app.contactpoints import revising as points
from app.contactpoints.models import ContactPoint, PointKind
from app.contacts import names
from app.contacts.models import Contact, columns_of
from app.contacts.schemas import WHOLE_NAME
from app.core import keys
from app.core.fields import Values
from app.core.revisions import Hit, Revision, Standing
from tenants import bulk
from tenants.db import rows
from tenants.identities import normal_email

_OWN = ("salutation", "title", "given_name", "family_name", "number")
_NUMBERS = numbers.Numbers(Contact)
_BY_EMAIL = (
    select(ContactPoint.normalised, Contact.id, Contact.given_name, Contact.family_name, Contact.number)
    .join(Contact, Contact.id == ContactPoint.contact_id)
    .where(
        ContactPoint.normalised == any_(bindparam("emails", type_=ARRAY(String))),
        ContactPoint.kind == PointKind.EMAIL,
        ContactPoint.deleted_at.is_(None),
        Contact.deleted_at.is_(None),
    )
)
_TO_CHANGE = (
    select(Contact.id, *(getattr(Contact, name) for name in _OWN), Contact.beside_text)
    .where(Contact.id == any_(bindparam("ids", type_=ARRAY(Uuid))), Contact.deleted_at.is_(None))
    .order_by(Contact.id)
    .with_for_update()
)


def _person(values: Values) -> str:
    email = values.get("email")
    return f"{email} {values.get('given_name')} {values.get('family_name')}".lower() if email else ""


def find_contacts(lines: Sequence[Values]) -> list[Hit]:
    """By customer number, or else by e-mail address; with another name or number it is another person then, for
    firms and families share addresses.
    """
    numbered = _NUMBERS.find(lines)
    emails = [normal_email(values["email"] or "") if values.get("email") else "" for values in lines]
    by_email: dict[str, dict[UUID, Row[Any]]] = {}
    for row in rows(_BY_EMAIL, {"emails": [email for email in emails if email]}):
        by_email.setdefault(row.normalised, {})[row.id] = row
    above: set[str] = set()
    hits = []
    for email, values in zip(emails, lines, strict=True):
        theirs = by_email.get(email, {}).values()
        known = numbered.get(values.get("number") or "")
        ids = [row.id for row in theirs if _agree(values, row)] if known is None else [known]
        hits.append(Hit(ids, is_shared=not ids and (bool(theirs) or email in above)))
        above |= {email} - {""}
    return hits


def _agree(values: Values, row: Row[Any]) -> bool:
    """Neither name nor number says anything else; what is missing says nothing."""
    return _is_called(values, row) and numbers.agree(values, row.number)


def _is_called(values: Values, row: Row[Any]) -> bool:
    if whole := values.get(WHOLE_NAME.name):
        return names.is_whole_name(whole, given_name=row.given_name, family_name=row.family_name)
    pairs = ((values.get("given_name") or "", row.given_name), (values.get("family_name") or "", row.family_name))
    return all(not said or not known or keys.plain(said) == keys.plain(known) for said, known in pairs)


def read_contacts(ids: Collection[UUID]) -> Mapping[UUID, Standing]:
    """Locked until the end of the unit of work; two statements for all."""
    found = rows(_TO_CHANGE, {"ids": list(ids)})
    reach = points.read_reach("contact", [row.id for row in found])
    return {
        row.id: Standing(
            values={**{name: getattr(row, name) or None for name in _OWN}, **reach[row.id].values},
            beside=row.beside_text,
            holds=reach[row.id].holds,
        )
        for row in found
    }


def write_contacts(told: Mapping[UUID, Standing]) -> None:
    """Five statements for all."""
    if not told:
        return
    words = points.write_reach("contact", {record_id: own.values for record_id, own in told.items()})
    columns = {
        record_id: {**columns_of(own.values, words[record_id]), "beside_text": own.beside}
        for record_id, own in told.items()
    }
    bulk.change_rows(Contact, columns)


REVISION = Revision(
    keys=("number", "email"),
    repeated=partial(numbers.repeated, who=_person),
    find=find_contacts,
    read=read_contacts,
    write=write_contacts,
)
