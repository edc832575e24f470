"""What was given up is seen on one page, tried again or discarded."""

from __future__ import annotations

import uuid

import psycopg
import pytest

from tests.browser.conftest import BROWSER, Visit
from tests.browser.house import House

pytestmark = BROWSER

ERROR = "Traceback (most recent call last):\nValueError: The list of columns names “Straße” twice."


def give_up(house: House, slug: str) -> None:
    """A job, a message and a change, as they are left behind by what does not work."""
    with psycopg.connect(house.database_url, autocommit=True) as sql:
        (schema,) = sql.execute("SELECT pg_schema FROM platform.tenants WHERE slug = %s", [slug]).fetchone() or ("",)
        sql.execute(
            f"INSERT INTO {schema}.jobs (id, created_at, name, arguments, depth, state, attempts, error)"
            " VALUES (%s, now(), 'app.imports.jobs.import_rows', '{}', 0, 'failed', 5, %s)",
            [uuid.uuid4(), ERROR],
        )
        sql.execute(
            f"INSERT INTO {schema}.deliveries (id, created_at, key, channel, target, state, attempts, error)"
            " VALUES (%s, now(), 'k', 'webhook', '', 'dead', 8, 'unreachable')",
            [uuid.uuid4()],
        )
        sql.execute(
            f"INSERT INTO {schema}.set_aside (id, created_at, change_id, rule, error)"
            " VALUES (%s, now(), %s, 'new-complaint', 'ZeroDivisionError: division by zero')",
            [uuid.uuid4(), uuid.uuid4()],
        )


@pytest.mark.parametrize(("locale", "phone"), [("de", False), ("en", True)], ids=["desk", "phone"])
def test_an_owner_discards_what_was_given_up(visit: Visit, house: House, locale: str, phone: bool) -> None:
    slug = f"aufgegeben-{locale}"
    owner = visit(locale=locale, phone=phone)
    owner.log_in(house.open_firm(slug, locale=locale))
    give_up(house, slug)
    picture = f"{locale}-{'phone' if phone else 'desk'}"

    owner.open(f"/{slug}/dead-letters")
    owner.sees("Message to a webhook")
    owner.look()
    owner.picture(f"dead-letters-{picture}")
    for _ in range(3):
        owner.press("Discard")
        owner.sees("It is discarded.")
        owner.open(f"/{slug}/dead-letters")
    owner.sees("Nothing was given up")
    owner.look()
    owner.picture(f"dead-letters-none-{picture}")
