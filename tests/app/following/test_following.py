"""Who follows a record is known, and each sees and sets it on the record's own page."""

from __future__ import annotations

from uuid import UUID

from tenants.models import Role
from tests.colleagues import Colleague, colleague
from tests.firms import Firm, visitor_with_role
from tests.records import add_company, add_contact


def _followers(firm: Firm, kind: str, record_id: UUID) -> list[UUID]:
    from app.following import queries

    with firm.work():
        return list(queries.followers_of(kind, record_id))


def _follow(who: Firm | Colleague, firm: Firm, kind: str, record_id: UUID) -> None:
    who.client().put(f"{firm.url}/follows/{kind}/{record_id}")


def test_whoever_follows_a_record_is_among_its_followers_until_they_end_it(acme: Firm) -> None:
    contact_id, bodo = add_contact(acme), colleague(acme)

    _follow(acme, acme, "contact", contact_id)
    _follow(bodo, acme, "contact", contact_id)
    _follow(acme, acme, "contact", contact_id)
    both = _followers(acme, "contact", contact_id)
    acme.client().delete(f"{acme.url}/follows/contact/{contact_id}")

    assert both == [acme.owner_id, bodo.user_id]
    assert _followers(acme, "contact", contact_id) == [bodo.user_id]


def test_nobody_hears_of_a_record_because_of_another(acme: Firm) -> None:
    followed, other = add_company(acme), add_company(acme, name="Werft AG")

    _follow(acme, acme, "company", followed)

    assert _followers(acme, "company", followed) == [acme.owner_id]
    assert _followers(acme, "company", other) == []


def test_who_has_left_hears_of_nothing(acme: Firm) -> None:
    from app.users.models import User

    contact_id, bodo = add_contact(acme), colleague(acme)
    _follow(bodo, acme, "contact", contact_id)

    with acme.work() as session:
        session.get_one(User, bodo.user_id).active = False

    assert _followers(acme, "contact", contact_id) == []


def test_the_page_says_who_follows_and_one_press_turns_it_over(acme: Firm) -> None:
    contact_id = add_contact(acme)
    page, switch = f"{acme.url}/contacts/{contact_id}?panels=all", f"{acme.url}/follows/contact/{contact_id}"
    client = acme.client()

    before = client.get(page).text
    client.post(switch)
    during, seen_by_another = client.get(page).text, colleague(acme).client().get(page).text
    client.post(f"{switch}/end")
    after = client.get(page).text

    assert 'aria-pressed="false"' in before
    assert 'aria-pressed="true"' in during
    assert "Ada Owner follows this." not in during
    assert "Ada Owner follows this." in seen_by_another
    assert 'aria-pressed="false"' in seen_by_another
    assert 'aria-pressed="false"' in after


def test_a_reader_sees_who_follows_and_cannot(acme: Firm) -> None:
    contact_id = add_contact(acme)
    colleague(acme).client().put(f"{acme.url}/follows/contact/{contact_id}")

    with visitor_with_role(acme, Role.READER) as reader:
        page = reader.get(f"{acme.url}/contacts/{contact_id}?panels=all").text

    assert "Bodo Berg follows this." in page
    assert "/follows/" not in page


def test_the_journal_knows_who_began_to_follow(acme: Firm) -> None:
    from sqlalchemy import select

    from tenants.changes import Change

    _follow(acme, acme, "contact", add_contact(acme))

    with acme.work() as session:
        actors = session.scalars(select(Change.actor).where(Change.table_name == "follows")).all()
    assert actors == [acme.owner_id]
