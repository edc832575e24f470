"""For every address that names a record of a firm: how such a record comes into being, and what is sent to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from app.activities import actions as activities
from app.activities.models import ActivityKind
from app.affiliations.models import Affiliation
from app.core.entities import EntityRef
from app.tags import actions as tags
from tenants import clock
from tests.app.exports import exporting
from tests.app.imports import lists
from tests.app.selection import selecting
from tests.firms import Firm
from tests.house.routes import Route
from tests.pages import form_values
from tests.records import add_company, add_contact

Arguments = Mapping[str, Any]


def _contact(firm: Firm) -> Arguments:
    return {"record_id": add_contact(firm)}


def _company(firm: Firm) -> Arguments:
    return {"record_id": add_company(firm)}


def _some_record(firm: Firm) -> Arguments:
    return {"entity": "contact", "record_id": add_contact(firm)}


def _deleted_record(firm: Firm) -> Arguments:
    contact_id = add_contact(firm)
    firm.client().post(f"{firm.url}/contacts/{contact_id}/delete")
    return {"entity": "contact", "record_id": contact_id}


def _affiliation(firm: Firm) -> Arguments:
    add_contact(firm, company="Hafen & Söhne KG")
    with firm.work() as session:
        return {"affiliation_id": session.query(Affiliation.id).scalar()}


def _activity(firm: Firm) -> Arguments:
    about = EntityRef("contact", add_contact(firm))
    with firm.work():
        return {"activity_id": activities.record(ActivityKind.CALL, body="Called.", about=about, at=clock.now())}


def _tag(firm: Firm) -> Arguments:
    with firm.work():
        return {"tag_id": tags.find_or_add("Kunde").id}


def _tagged_record(firm: Firm) -> Arguments:
    return {**_some_record(firm), **_tag(firm)}


def _bulk_change(firm: Firm) -> Arguments:
    change_id = selecting.act(firm, "selection.delete", [add_contact(firm)])
    return {"change_id": change_id}


def _export(firm: Firm) -> Arguments:
    add_contact(firm)
    return {"export_id": exporting.export_by_worker(firm)}


def _import(firm: Firm) -> Arguments:
    return {"import_id": lists.draft(firm, "Nachname;Firma\r\nMeier;Hafen\r\n")}


SAMPLES: dict[tuple[str, ...], Callable[[Firm], Arguments]] = {
    ("activities", "activity_id"): _activity,
    ("activities", "entity", "record_id"): _some_record,
    ("affiliations", "affiliation_id"): _affiliation,
    ("affiliations", "record_id"): _contact,
    ("companies", "record_id"): _company,
    ("contacts", "record_id"): _contact,
    ("exports", "export_id"): _export,
    ("imports", "import_id"): _import,
    ("recyclebin", "entity", "record_id"): _deleted_record,
    ("selection", "change_id"): _bulk_change,
    ("tags", "entity", "record_id"): _some_record,
    ("tags", "entity", "record_id", "tag_id"): _tagged_record,
    ("tags", "tag_id"): _tag,
}
"""(blueprint, names of the arguments in alphabetical order) -> makes a fresh record of the firm and names it."""

TYPED: dict[str, Mapping[str, Any]] = {
    "activities.capture": {"kind": "call", "text": "Called."},
    "activities.save": {"text": "Called twice."},
    "affiliations.create": {"company": "Hafen & Söhne KG"},
    "affiliations.move": {"company": "Werft AG", "role": "Leitung", "on": "2026-01-01"},
    "companies.create": {"name": "Hafen & Söhne KG"},
    "contacts.create": {"family_name": "Müller"},
    "exports.create": {"entity": "contact", "query": "", "format": "csv"},
    "imports.choose": {"column": ["family_name", "company"]},
    "imports.launch": {"column": ["family_name", "company"]},
    "imports.upload": {"entity": "contact", "rows": "Nachname\r\nMeier\r\n"},
    "selection.act": selecting.sent("selection.delete", []),
    "tags.add": {"name": "Kunde"},
    "tags.rename": {"name": "Stammkunde"},
}
"""What a person types into the form of an endpoint, beside what its page already holds."""


def arguments(route: Route, firm: Firm) -> Arguments:
    """Raises AssertionError with a sentence where a new route has no sample yet."""
    if not route.arguments:
        return {}
    make = SAMPLES.get((route.room, *route.arguments))
    assert make, f"{route} has no sample: add {(route.room, *route.arguments)} to SAMPLES in tests/house/samples.py."
    return make(firm)


def address(route: Route, slug: str, values: Arguments) -> str:
    url = route.rule.replace("<slug:slug>", slug)
    for name, value in values.items():
        converter = "uuid:" if isinstance(value, UUID) else ""
        url = url.replace(f"<{converter}{name}>", str(value))
    assert "<" not in url, f"{route}: the sample does not fill {url}"
    return url


def form(route: Route, firm: Firm, url: str) -> Mapping[str, Any]:
    """What the owner's browser would send."""
    if route.method == "GET":
        return {}
    page = firm.client().get(url, buffered=True)
    shown = form_values(page.text) if page.status_code == 200 else {}
    return {**shown, **TYPED.get(route.endpoint, {})}
