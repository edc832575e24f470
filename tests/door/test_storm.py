"""Whatever is killed, whenever: what was acknowledged is there afterwards, and the house runs as before."""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from deploy.local import embedded
from tests.door.load import Load, Person, Program
from tests.door.started import House, run, started
from tests.door.storm import KINDS, Storm
from tests.receiver import Receiver, receiver

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="asks Linux which processes are alive"),
    pytest.mark.timeout(1800),
]
_SLUG = "nordlicht"
_OWNER = ("mia@nordlicht.example", "Nordlicht-Demo-1")
_MEMBER = "tom@nordlicht.example"
_ROWS = 300
_CALM_SECONDS = 240


def test_forty_kills_lose_nothing_that_was_acknowledged(home: Path, port: int) -> None:
    _weather(home, port, kills=40, seed=_seed())


@pytest.mark.nightly
@pytest.mark.parametrize("number", range(10))
def test_five_hundred_kills_lose_nothing_that_was_acknowledged(home: Path, port: int, number: int) -> None:
    _weather(home, port, kills=50, seed=_seed() + number)


def _seed() -> int:
    """Said by whoever wants to see a storm again; else another one each time, and printed."""
    return int(os.environ.get("STORM_SEED") or random.randrange(10**6))


def _weather(home: Path, port: int, *, kills: int, seed: int) -> None:
    sys.stdout.write(f"STORM_SEED={seed}\n")
    with _firm(home, port) as firm:
        load, storm = Load(), Storm(firm.house, seed=seed)
        for write in (firm.take_down_contact, firm.take_down_complaint, firm.attach_file):
            load.keep(write)
        imported = firm.start_import()

        storm.rage(kills, acknowledged=lambda: load.acknowledged)
        load.finish()

        assert storm.killed.total() == kills
        assert set(storm.killed) == set(KINDS)
        firm.check_records()
        firm.check_files()
        firm.check_import(imported)
        firm.check_notices()
        firm.check_webhooks()
        assert firm.person.insist("GET", "/readyz").status == 200
        assert firm.house.press_ctrl_c() == 0


@dataclass
class _Firm:
    house: House
    person: Person
    program: Program
    receiver: Receiver
    contacts: dict[str, str] = field(default_factory=dict)
    """Id by family name, of each that was acknowledged."""

    complaints: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    def take_down_contact(self, number: int) -> None:
        name = f"Sturm {number:05}"
        self.contacts[name] = self.program.create(f"/{_SLUG}/api/v1/contacts", {"family_name": name})

    def take_down_complaint(self, number: int) -> None:
        self.complaints.append(self.program.create(f"/{_SLUG}/api/v1/complaints", {"what": f"Blitz {number:05}"}))

    def attach_file(self, number: int) -> None:
        name, content = f"hagel-{number:05}.txt", random.Random(number).randbytes(30_000).hex().encode()
        contact = f"/{_SLUG}/contacts/{self._some_contact()}"
        self.person.send(contact.replace("contacts", "files/contact"), {}, form_on=contact, file=(name, content))
        self.files[name] = content

    def start_import(self) -> str:
        rows = "".join(f"Regen {number:05};regen{number}@wetter.example\n" for number in range(_ROWS))
        file = ("list.csv", f"Nachname;E-Mail\n{rows}".encode())
        new = f"/{_SLUG}/imports/new"
        draft = self.person.send(new, {"entity": "contact"}, form_on=new, file=file).location
        import_id = draft.rsplit("/", 1)[1]
        self._until_it_holds("SELECT state = 'draft' FROM imports WHERE id = %s", import_id)
        self.person.send(f"{draft}/start", {"column": ["family_name", "email"]}, form_on=draft)
        return import_id

    def check_records(self) -> None:
        """Each that was acknowledged is there once."""
        found = Counter(
            name for (name,) in self._ask("SELECT family_name FROM contacts WHERE family_name LIKE 'Sturm %'")
        )
        assert found == Counter(list(self.contacts))
        taken = {str(record_id) for (record_id,) in self._ask("SELECT id FROM complaints WHERE what LIKE 'Blitz %'")}
        assert taken == set(self.complaints)

    def check_files(self) -> None:
        kept = dict(self._ask("SELECT name, id::text FROM attachments WHERE name LIKE 'hagel-%'"))
        assert set(self.files) <= set(kept)
        for name, content in self.files.items():
            answer = self.person.insist("GET", f"/{_SLUG}/files/{kept[name]}")
            assert hashlib.sha256(answer.body).digest() == hashlib.sha256(content).digest(), name

    def check_import(self, import_id: str) -> None:
        self._until_it_holds("SELECT state = 'done' FROM imports WHERE id = %s", import_id)
        rows = "SELECT family_name, count(*) FROM contacts WHERE family_name LIKE 'Regen %%' GROUP BY 1"
        assert {count for _, count in self._ask(rows)} == {1}
        assert len(self._ask(rows)) == _ROWS

    def check_notices(self) -> None:
        """The owner is told of each complaint once."""
        told = """
        SELECT record_id::text FROM notifications n JOIN users u ON u.id = n.user_id
        WHERE n.subject = 'complaint' AND n.event = 'created' AND u.email = %s AND n.record_id = ANY(%s::uuid[])"""

        _until(lambda: len(self._ask(told, _OWNER[0], self.complaints)) >= len(self.complaints))

        assert Counter(record_id for (record_id,) in self._ask(told, _OWNER[0], self.complaints)) == Counter(
            self.complaints
        )

    def check_webhooks(self) -> None:
        """The stranger was told of each contact, perhaps twice, but then under the same id."""
        wanted = {str(record_id) for (record_id,) in self._ask(_NEW_CONTACTS)}

        _until(lambda: wanted <= set(self._calls()))

        assert {record: ids for record, ids in self._calls().items() if len(ids) > 1} == {}

    def _calls(self) -> dict[str, set[str]]:
        """Ids of the messages by the record that they are about."""
        found: dict[str, set[str]] = {}
        for call in list(self.receiver.calls):
            found.setdefault(str(call.json["data"]["id"]), set()).add(call.id)
        return found

    def _some_contact(self) -> str:
        return str(self._ask("SELECT id FROM contacts WHERE deleted_at IS NULL LIMIT 1")[0][0])

    def _until_it_holds(self, question: str, *values: object) -> None:
        _until(lambda: bool(self._ask(question, *values)[0][0]))

    def _ask(self, question: str, *values: object) -> list[tuple[object, ...]]:
        """Of the firm's own schema, whoever has just been killed."""
        deadline = time.monotonic() + _CALM_SECONDS
        while True:
            try:
                return self._asked(question, values)
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _asked(self, question: str, values: tuple[object, ...]) -> list[tuple[object, ...]]:
        with psycopg.connect(embedded.database_url(self.house.home / "postgres"), autocommit=True) as connection:
            row = connection.execute("SELECT pg_schema FROM platform.tenants WHERE slug = %s", [_SLUG]).fetchone()
            connection.execute(f"SET search_path = {row[0] if row else ''}".encode())
            return connection.execute(question.encode(), values or None).fetchall()


_NEW_CONTACTS = "SELECT id FROM contacts WHERE family_name LIKE 'Sturm %' OR family_name LIKE 'Regen %'"


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _CALM_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            return
        time.sleep(0.2)


@contextmanager
def _firm(home: Path, port: int) -> Iterator[_Firm]:
    """One that tells a stranger of each new contact, with its owner at a page and a colleague's program."""
    with receiver() as stranger, started(home, port, settings={"KONTOR_LOOPBACK_WEBHOOKS": "1"}) as house:
        said = run(
            "kontor", "tokens", "create", _SLUG, "--user", _MEMBER, "--scopes", "*", "--json", home=home, port=port
        )
        program = Program(port, headers={"Authorization": f"Bearer {json.loads(said.stdout)['token']}"})
        person = Person(port)
        person.log_in(*_OWNER)
        hook = {"name": "Wetter", "address": stranger.url, "kinds": "contact", "events": "created"}
        person.send(f"/{_SLUG}/webhooks/new", hook, form_on=f"/{_SLUG}/webhooks/new")
        yield _Firm(house=house, person=person, program=program, receiver=stranger)
