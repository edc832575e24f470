"""Lists on a page that end before they are complete say so, and lead to the rest."""

from __future__ import annotations

import html
import re

import pytest

from app.activities import actions as activities
from app.activities.models import ActivityKind
from app.affiliations import queries as affiliations
from app.complaints import actions as complaints
from app.complaints import queries as told
from app.complaints.actions import Draft
from app.core.entities import EntityRef
from app.exports import queries as exports
from app.recyclebin import queries as bin_queries
from tenants import clock
from tests.firms import Firm, Visitor
from tests.records import add_company, add_contact, add_many


def link(page: str, text: str) -> str:
    """Where the link leads that says this."""
    found = re.findall(rf'href="([^"]*)"[^>]*>(?:<svg.*?</svg>)?{text}', page, re.DOTALL)
    assert found, page
    return html.unescape(found[-1])


def all_behind(browser: Visitor, path: str, words: str) -> list[str]:
    """What a list shows of it, page by page."""
    found: list[str] = []
    while path:
        page = browser.get(path).text
        found += re.findall(words, page)
        path = link(page, "Next") if 'rel="next"' in page else ""
    return found


def test_a_company_with_many_people_leads_to_all_of_them(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(affiliations, "_STAFF_OF", affiliations._STAFF_OF.limit(2))
    company_id, browser = add_company(acme, name="Hafen KG"), acme.client()
    add_many(acme, "contact", [{"family_name": f"Berg{n}", "company": "Hafen KG"} for n in range(3)])
    add_contact(acme, family_name="Elsewhere")

    page = browser.get(f"{acme.url}/companies/{company_id}").text
    everybody = browser.get(link(page, "Show all")).text

    assert "2 of 3." in page
    assert set(re.findall(r"Berg\d", everybody)) == {"Berg0", "Berg1", "Berg2"}
    assert "Elsewhere" not in everybody


def test_with_few_nothing_is_said(acme: Firm) -> None:
    company_id = add_company(acme, name="Hafen KG")
    add_contact(acme, company="Hafen KG")

    assert "Show all" not in acme.client().get(f"{acme.url}/companies/{company_id}?panels=all").text


def test_a_contact_with_many_complaints_leads_to_all_of_them(acme: Firm) -> None:
    contact_id, browser = add_contact(acme), acme.client()
    with acme.work():
        for number in range(told.MOST + 1):
            complaints.enter(Draft(what=f"Leak {number}", contact_id=contact_id), at=clock.now())
        complaints.enter(Draft(what="Not his"), at=clock.now())

    page = browser.get(f"{acme.url}/contacts/{contact_id}?panels=all").text
    found = browser.get(link(page, "Show all")).text

    assert "10 of 11." in page
    assert len(set(re.findall(r"Leak \d+", found))) == 11
    assert "Not his" not in found


def test_the_bin_is_leafed_through_kind_by_kind(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bin_queries, "PAGE", 2)
    browser = acme.client()
    made = add_many(acme, "contact", [{"family_name": f"Berg{n}"} for n in range(5)])
    for contact_id in [*made, add_company(acme, name="Other")][:5]:
        browser.post(f"{acme.url}/contacts/{contact_id}/delete")

    path = link(browser.get(f"{acme.url}/recycle-bin").text, "Next")
    first = re.findall(r"Berg\d", browser.get(f"{acme.url}/recycle-bin").text)

    assert [*first, *all_behind(browser, path, r"Berg\d")] == ["Berg4", "Berg3", "Berg2", "Berg1", "Berg0"]
    browser.post(f"{acme.url}/recycle-bin/contact/{made[3]}/restore")
    assert all_behind(browser, path, r"Berg\d") == ["Berg4", "Berg2", "Berg1", "Berg0"]


def test_notes_and_tasks_in_the_bin_are_leafed_through_too(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bin_queries, "PAGE", 2)
    contact_id, browser = add_contact(acme), acme.client()
    with acme.work():
        about = EntityRef("contact", contact_id)
        notes = [activities.record(ActivityKind.NOTE, body=f"Word {n}", about=about, at=clock.now()) for n in range(3)]
    for note_id in notes:
        browser.post(f"{acme.url}/activities/{note_id}/delete")

    assert sorted(all_behind(browser, f"{acme.url}/recycle-bin?kind=activity", r"Word \d")) == [
        "Word 0",
        "Word 1",
        "Word 2",
    ]


def test_exports_are_leafed_through(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PAGE", 2)
    add_contact(acme)
    browser = acme.client()
    for _ in range(5):
        browser.post(f"{acme.url}/exports", data={"entity": "contact", "format": "csv"}, buffered=True)

    found = all_behind(browser, f"{acme.url}/exports", r'href="/acme/exports/([0-9a-f-]{36})"')

    assert len(found) == len(set(found)) == 5
