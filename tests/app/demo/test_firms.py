"""What the two firms hold: believable, in their own language, and found as people search."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from sqlalchemy import select

from tests.app.demo.conftest import BUILT
from tests.firms import Firm
from tests.records import run_jobs

FICTION_DE = re.compile(
    r"49(4066969\d{3}|3023125\d{3}|6990009\d{3}|2214710\d{3}|8999998\d{3}|17604069\d{3}"
    r"|15228817386|15228895456|15254599371|1729925904|1729968532|1749091317)"
)
FICTION_GB = re.compile(r"44(2079460\d{3}|1632960\d{3}|7700900\d{3})")
PLACEHOLDER = re.compile(r"lorem|ipsum|\b(todo|tbd|xxx|foo|bar|asdf)\b|[{}<>$]|%\(|\?\?|\.\.\.", re.IGNORECASE)


def _timeline(firm: Firm, name: str) -> list[Any]:
    from app.activities import queries
    from app.demo import queries as demo

    with firm.work():
        about = demo.by_name()[name]
        return [(row.body, row.author) for row in queries.about(about.id, before=None, limit=50)]


def _firms() -> list[Any]:
    from app.demo import firms

    return firms.every_firm()


def test_there_are_six_german_and_three_english_stories_of_a_believable_length(house: Any) -> None:
    german, english = _firms()

    assert (len(german.stories), len(english.stories)) == (6, 3)
    assert all(6 <= len(story.happenings) <= 10 for firm in (german, english) for story in firm.stories)


def test_every_story_is_told_in_order_and_within_a_year_of_business_hours(house: Any) -> None:
    told = [story.happenings for firm in _firms() for story in firm.stories]

    for happenings in told:
        assert [(-h.ago, h.at) for h in happenings] == sorted((-h.ago, h.at) for h in happenings)
        assert all(1 <= h.ago <= 250 and time(7) <= h.at <= time(18) for h in happenings)


@pytest.mark.parametrize("slug", ["nordlicht", "brightwater"])
def test_every_story_is_on_the_timelines_with_its_authors(nordlicht: Firm, brightwater: Firm, slug: str) -> None:
    firm = {"nordlicht": nordlicht, "brightwater": brightwater}[slug]
    told = next(told for told in _firms() if told.slug == slug)

    for happening in [h for story in told.stories for h in story.happenings] + list(told.notes):
        assert (happening.text, happening.by) in _timeline(firm, happening.about)


def test_nothing_happened_on_a_day_off_at_night_or_in_the_future(nordlicht: Firm, brightwater: Firm) -> None:
    from app.activities.models import Activity, ActivityKind
    from app.complaints.models import Complaint

    for firm in (nordlicht, brightwater):
        with firm.work() as session:
            moments = [
                *session.scalars(select(Activity.at).where(Activity.kind != ActivityKind.TASK)),
                *session.scalars(select(Complaint.created_at)),
            ]
        here = [moment.astimezone(ZoneInfo(firm.scope.timezone)) for moment in moments]

        assert not {(moment.month, moment.day) for moment in here} & {(12, 24), (12, 25), (12, 26), (1, 1)}
        assert all(moment.weekday() < 5 and 7 <= moment.hour < 18 for moment in here)
        assert all(BUILT - timedelta(days=366) < moment < BUILT for moment in moments)


def test_the_buyer_who_moved_left_her_past_with_the_old_employer(nordlicht: Firm) -> None:
    old = [body for body, _ in _timeline(nordlicht, "Hansen & Voss Anlagenbau GmbH")]
    new = [body for body, _ in _timeline(nordlicht, "Rheinwerk Kältetechnik GmbH")]

    assert any("fragt für Hansen & Voss" in body for body in old)
    assert not any("Rahmenvertrag mit Rheinwerk" in body for body in old)
    assert any("Rahmenvertrag mit Rheinwerk" in body for body in new)
    assert not any("fragt für Hansen & Voss" in body for body in new)


def test_every_line_would_pass_the_form(nordlicht: Firm) -> None:
    from app.companies.entity import COMPANY
    from app.contacts.entity import CONTACT
    from app.core.entities import entity_types
    from app.core.fields import schema_of

    for firm in _firms():
        for entity, rows in ((COMPANY, firm.companies), (CONTACT, firm.contacts)):
            schema = schema_of(entity_types.entry_fields(entity), rule=entity.rule)
            for row in rows:
                assert {key: value for key, value in schema.load(row).items() if value} == row


def test_names_are_unique_so_that_stories_find_their_people(house: Any) -> None:
    for firm in _firms():
        names = [f"{row['given_name']} {row['family_name']}" for row in firm.contacts]
        names += [row["name"] for row in firm.companies]

        assert len(names) == len(set(names))


def test_nobody_real_can_be_reached(nordlicht: Firm, brightwater: Firm) -> None:
    from app.contactpoints.models import ContactPoint, PointKind

    for firm, fiction in ((nordlicht, FICTION_DE), (brightwater, FICTION_GB)):
        with firm.work() as session:
            points = session.scalars(select(ContactPoint)).all()
        phones = [point for point in points if point.kind is PointKind.PHONE]
        others = [point for point in points if point.kind in (PointKind.EMAIL, PointKind.WEB)]

        assert [point.value for point in phones if not fiction.fullmatch(point.normalised)] == []
        assert len({point.normalised for point in phones}) == len(phones)
        assert all(point.normalised.endswith(".example") for point in others)


def test_phones_stand_in_many_notations(nordlicht: Firm) -> None:
    written = [row["phone"] for row in _firms()[0].contacts if row.get("phone")]
    shapes = {re.sub(r"\d+", "0", phone) for phone in written}

    assert len(shapes) >= 6
    assert all(phonenumbers.is_possible_number(phonenumbers.parse(phone, "DE")) for phone in written)


def test_no_text_is_a_placeholder(house: Any) -> None:
    for firm in _firms():
        texts = [h.text for member in firm.members for h in firm.told_by(member)]
        cells = [value for row in (*firm.companies, *firm.contacts) for value in row.values()]

        assert [text for text in (*texts, *cells) if PLACEHOLDER.search(text) or text != text.strip()] == []
        assert all(len(text) > 40 and text[-1] in '.?!“"' for text in texts)
        assert len(texts) == len(set(texts))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Müller", {"Sabine Müller", "Thorsten Müller", "Bernd Mueller"}),
        ("mueller", {"Sabine Müller", "Thorsten Müller", "Bernd Mueller"}),
        ("muller", {"Sabine Müller", "Thorsten Müller", "Claire Muller"}),
        ("schaefer", {"Ute Schäfer", "Jens Schaefer"}),
        ("strauss", {"Friederike Strauß", "Levin Strauss"}),
        ("ostergaard", {"Søren Østergaard"}),
        ("wojcik", {"Agnieszka Wójcik"}),
        ("oeztuerk", {"Gülşen Öztürk"}),
        ("sabine rheinwerk", {"Sabine Müller"}),
        ("sabine hansen", {"Sabine Müller"}),
    ],
)
def test_people_are_found_by_name(nordlicht: Firm, query: str, found: set[str]) -> None:
    assert found <= _titles(nordlicht, query)


def test_everybody_is_found_by_every_number_in_another_notation(nordlicht: Firm) -> None:
    people = [row for row in _firms()[0].contacts if row.get("phone") or row.get("mobile")][:25]

    for row in people:
        number = phonenumbers.parse(row.get("mobile") or row["phone"] or "", "DE")
        for form in (phonenumbers.PhoneNumberFormat.INTERNATIONAL, phonenumbers.PhoneNumberFormat.NATIONAL):
            written = phonenumbers.format_number(number, form)
            assert _titles(nordlicht, written) == {f"{row['given_name']} {row['family_name']}"}, written


def test_the_search_page_finds_a_person_by_phone(nordlicht: Firm, brightwater: Firm) -> None:
    joerg = next(row for row in _firms()[0].contacts if row["family_name"] == "Petersen")
    bethan = next(row for row in _firms()[1].contacts if row["given_name"] == "Bethan")

    german = nordlicht.client().get("/nordlicht/search", query_string={"q": joerg["mobile"]})
    english = brightwater.client().get("/brightwater/search", query_string={"q": bethan["mobile"]})

    assert "Jörg Petersen" in german.text
    assert "Bethan Pugh" in english.text


def _titles(firm: Firm, words: str) -> set[str]:
    from app.contacts.entity import CONTACT
    from app.core import listing
    from app.core.listing import Query

    with firm.work():
        return {row.title for row in listing.load(CONTACT, Query(words=words)).rows}


@pytest.mark.parametrize("slug", ["nordlicht", "brightwater"])
def test_a_year_of_complaints_is_told_from_open_to_reopened(nordlicht: Firm, brightwater: Firm, slug: str) -> None:
    from app.complaints.models import Complaint, ComplaintState

    firm = {"nordlicht": nordlicht, "brightwater": brightwater}[slug]
    with firm.work() as session:
        told = session.scalars(select(Complaint).order_by(Complaint.created_at)).all()
        late = [one for one in told if one.settled_at and one.settled_at > one.due]
        reopened = {one.what for one in told if one.what in _reopened(slug) and one.settled_at}
    states = {state: sum(one.state is state for one in told) for state in ComplaintState}

    assert 15 <= len(told) <= 25
    assert min(states.values()) >= 1
    assert states[ComplaintState.SETTLED] > len(told) / 2
    assert 1 <= len(late) < states[ComplaintState.SETTLED] / 2
    assert reopened == _reopened(slug) != set()
    assert all(one.created_at < (one.acknowledged_at or BUILT) < BUILT + timedelta(seconds=1) for one in told)
    assert all(one.settled_at < BUILT for one in told if one.settled_at)
    numbers = [one.number for one in told]
    assert numbers == sorted(numbers), "whoever complained first has the lower number"


def _reopened(slug: str) -> set[str]:
    return {one.what for firm in _firms() if firm.slug == slug for one in firm.grievances if one.again}


def test_a_reopened_complaint_remembers_each_step(nordlicht: Firm) -> None:
    from app.complaints.models import Complaint

    with nordlicht.work() as session:
        wanted = Complaint.what == "Druckminderer pfeift"
        complaint_id = session.scalar(select(Complaint.id).where(wanted))
    page = nordlicht.client().get(f"/nordlicht/complaints/{complaint_id}?show=timeline").text

    assert "Einsatz getauscht" in page
    assert "jetzt sitzt ein größeres Modell" in page


def test_photos_hang_on_complaints_and_weigh_little(nordlicht: Firm, brightwater: Firm) -> None:
    from app.attachments.models import Attachment
    from tenants.files import File

    for firm in (nordlicht, brightwater):
        with firm.work() as session:
            sizes = session.execute(
                select(Attachment.id, File.size)
                .join(File, File.id == Attachment.file_id)
                .where(Attachment.kind == "complaint")
            ).all()
            attachment_id = sizes[0].id
        assert len(sizes) >= 4
        assert all(2_000 < row.size < 12_000 for row in sizes)
        run_jobs(firm.app)
        shown = firm.client().get(f"{firm.url}/files/{attachment_id}/preview", buffered=True)
        assert shown.data[:2] == b"\xff\xd8"


def test_the_same_name_draws_the_same_picture(house: Any) -> None:
    from app.demo import photos

    assert photos.photo("ventil.jpg").read() == photos.photo("ventil.jpg").read()
    assert photos.photo("ventil.jpg").read() != photos.photo("spindel.jpg").read()


def test_what_repeats_has_been_done_and_is_to_be_done_again(nordlicht: Firm, brightwater: Firm) -> None:
    from app.activities.models import Activity, ActivityKind

    for firm in (nordlicht, brightwater):
        told = next(told for told in _firms() if told.slug == firm.scope.slug)
        with firm.work() as session:
            tasks = session.scalars(select(Activity).where(Activity.kind == ActivityKind.TASK)).all()
        for duty in told.duties:
            mine = sorted((task for task in tasks if task.body == duty.text), key=lambda task: task.due_on)
            assert [task.done_at is not None for task in mine] == [True] * duty.done + [False]
            assert abs((mine[-1].due_on - BUILT.date()).days - duty.due_in) <= 3
            assert all(task.done_at < BUILT for task in mine[:-1])
        assert any(duty.done for duty in told.duties)


def test_tags_mentions_and_moves_are_told_too(nordlicht: Firm, brightwater: Firm) -> None:
    from app.activities.models import Mention
    from app.affiliations.models import Affiliation
    from app.tags.models import Tagging

    for firm, left in ((nordlicht, 3), (brightwater, 2)):
        with firm.work() as session:
            assert len(session.scalars(select(Tagging)).all()) >= 9
            assert session.scalars(select(Mention)).all()
            ended = session.scalars(select(Affiliation).where(Affiliation.until.is_not(None))).all()
        assert len(ended) == left


def test_contacts_came_over_the_whole_year(nordlicht: Firm) -> None:
    from app.contacts.models import Contact

    with nordlicht.work() as session:
        came = session.scalars(select(Contact.created_at)).all()

    assert {(BUILT - moment).days // 91 for moment in came} == {0, 1, 2, 3}
    assert max(came) <= BUILT
