"""Whom a complaint comes from, as one types it: a contact or a company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext

from app.companies.entity import COMPANY
from app.contacts.entity import CONTACT
from app.core import access, keys, listing, records
from app.core.entities import EntityRef, EntityType
from app.core.listing import Query
from tenants.errors import Invalid, NotFound

KINDS: tuple[EntityType, ...] = (CONTACT, COMPANY)
SUGGESTED = 6
"""Of each kind."""

_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Origin:
    ref: EntityRef
    title: str
    label: str
    """The title, and for whom a contact works: two people of one name are told apart by it."""

    @property
    def value(self) -> str:
        return f"{self.ref.type}:{self.ref.id}"


class OriginUnknown(Invalid):
    """Nobody of this name is known. Please choose one of the suggestions, or leave this empty."""

    code = "complaint_origin_unknown"


class OriginAmbiguous(Invalid):
    """Several are called this. Please choose who is meant."""

    code = "complaint_origin_ambiguous"

    def __init__(self, choices: Sequence[Origin]) -> None:
        super().__init__()
        self.choices = choices


def suggested(words: str, *, limit: int = SUGGESTED) -> list[Origin]:
    """Contacts and companies that the words find."""
    if not keys.patterns(words):
        return []
    found = []
    for kind in KINDS:
        if access.may(kind.may("read")):
            page = listing.load(kind, Query(words=words), limit=limit)
            found += [_origin(kind, row.id, row.title, page.cells[row.id].get("company", "")) for row in page.rows]
    return found


def meant(words: str) -> Origin:
    """The one that the words name: by its label, or by its title, or as the only one they find.

    Raises OriginUnknown, OriginAmbiguous.
    """
    found = suggested(words, limit=_LOOKED_AT)
    same = [one for one in found if keys.plain(one.label) == keys.plain(words)]
    same = same or [one for one in found if keys.plain(one.title) == keys.plain(words)] or found
    if not same:
        raise OriginUnknown
    if len(same) > 1:
        raise OriginAmbiguous(same[:SUGGESTED])
    return same[0]


def of_value(value: str) -> Origin | None:
    """The one that a form or an address names; None where it names nobody that can be seen."""
    ref = ref_of(value)
    entity = next((one for one in KINDS if ref and one.name == ref.type and access.may(one.may("read"))), None)
    if ref is None or entity is None:
        return None
    try:
        record = records.load(entity.model, ref.id)
    except NotFound:
        return None
    texts = listing.cells(entity, record.id)
    return _origin(entity, record.id, getattr(record, entity.title), texts.get("company", ""))


def kept(value: str) -> Origin | None:
    """The same for the one that a complaint names already: they may lie in the recycle bin by now."""
    found, ref = of_value(value), ref_of(value)
    if found is not None or ref is None:
        return found
    row = records.titled(ref)
    if row is None:
        return None
    label = gettext("%(name)s (in the recycle bin)", name=row.title) if row.deleted_at else row.title
    return Origin(ref, row.title, label)


def ref_of(value: str) -> EntityRef | None:
    """What a value says, whether there is such a record or not."""
    kind, _, written = value.partition(":")
    try:
        return EntityRef(kind, UUID(written)) if kind in {one.name for one in KINDS} else None
    except ValueError:
        return None


def _origin(kind: EntityType, record_id: UUID, title: str, company: str) -> Origin:
    return Origin(kind.ref(record_id), title, f"{title} · {company}" if company else title)
