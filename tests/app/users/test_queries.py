from __future__ import annotations

from app.users import queries
from app.users.models import User
from tests.colleagues import colleague
from tests.firms import Firm


def test_those_who_can_be_given_something_come_by_name_without_who_has_left(acme: Firm) -> None:
    zoe, oezlem, gone = (colleague(acme, name=name) for name in ("Zoe Zander", "Özlem Öz", "Gustav Gone"))
    with acme.work() as session:
        session.get_one(User, gone.user_id).active = False

    with acme.work():
        found = [tuple(row) for row in queries.active()]

    assert found == [(acme.owner_id, "Ada Owner"), (oezlem.user_id, "Özlem Öz"), (zoe.user_id, "Zoe Zander")]


def test_names_are_known_of_those_who_have_left_too(acme: Firm) -> None:
    gone = colleague(acme, name="Gustav Gone")
    with acme.work() as session:
        session.get_one(User, gone.user_id).active = False

    with acme.work():
        found = queries.names([gone.user_id, acme.owner_id])

    assert found == {gone.user_id: "Gustav Gone", acme.owner_id: "Ada Owner"}
