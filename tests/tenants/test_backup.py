"""All that a firm owns in one file: written, refused when damaged, brought in beside the firm, put in its place."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, text, update

from tenants import cache, engines, provisioning, registry
from tenants.backup import archive, ending, export, restore
from tenants.backup.archive import BackupTooNew, DamagedBackup
from tenants.backup.tables import BackupDoesNotFit
from tenants.operators import Hand
from tests.firms import Firm, open_firm

US = Hand(who="Test")
WORDS = b"Vertrag der Werft"


def silently(_line: str) -> None:
    """Nobody looks on."""


@pytest.fixture
def firm(app: Flask) -> Iterator[Firm]:
    """One of its own, erased afterwards with all its copies."""
    opened = open_firm(app, slug="werft", name="Werft")
    yield opened
    with app.app_context():
        for tenant in list(registry.every_tenant()):
            if tenant.slug and tenant.slug.startswith("werft"):
                ending.close(tenant.id, reason="Over", by=US)
                ending.erase(tenant.id, at_once=True, by=US)


@pytest.fixture
def busy(firm: Firm) -> Firm:
    """With two contacts, a file, a webhook, and a message that is on its way to it."""
    from app.notifications.models import Channel, Delivery
    from app.webhooks.models import Webhook
    from tenants import clock, files
    from tenants.db import new_id

    add(firm, "Ada", "Berg")
    with firm.work() as session:
        files.keep(io.BytesIO(WORDS), name="vertrag.txt", limit=1000)
        session.add(Webhook(name="Shop", address="https://shop.example/", kinds=["contact"], events=["changed"]))
        target = {"channel": Channel.WEBHOOK, "target": str(new_id()), "payload": {}}
        session.add(Delivery(key=str(new_id()), due_at=clock.now(), **target))
    add(firm, "Emil", "Düne")
    return firm


def add(firm: Firm, *names: str) -> None:
    given, family = names
    answer = firm.client().post(f"{firm.url}/contacts/new", data={"given_name": given, "family_name": family})
    assert answer.status_code == 303, answer.text


def written(firm: Firm, path: Path) -> archive.Manifest:
    with firm.app.app_context():
        return export.write(firm.scope.tenant_id, path, tell=silently)


def brought_in(firm: Firm, path: Path, *, slug: str = "werft-kopie") -> Firm:
    """The copy, as its owner sees it."""
    with firm.app.app_context():
        tenant_id = restore.bring_in(path, slug=slug, name="Kopie", tell=silently)
        return replace(firm, scope=registry.find(tenant_id).scope())


def people_of(firm: Firm) -> str:
    """The list of contacts as the owner sees it."""
    return firm.client().get(f"{firm.url}/contacts").text


def schemas() -> set[str]:
    with engines.provisioner() as connection:
        rows = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%'").fetchall()
        roles = connection.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 't\\_%'").fetchall()
    return {row[0] for row in (*rows, *roles)}


def contents(manifest: archive.Manifest) -> dict[str, tuple[int, str]]:
    return {table.name: (table.rows, table.content) for table in manifest.tables}


def test_a_firm_comes_back_under_another_name_row_by_row(busy: Firm, tmp_path: Path) -> None:
    from tenants import files

    kept = written(busy, tmp_path / "werft.kontor")

    copy = brought_in(busy, tmp_path / "werft.kontor")

    again = written(copy, tmp_path / "copy.kontor")
    other = {name for name, content in contents(kept).items() if contents(again)[name] != content}
    assert other == {"deliveries", "webhooks"}
    assert "Berg" in people_of(copy)
    with copy.work() as session:
        file_id = session.scalars(select(files.File.id)).one()
        assert files.path_of(file_id).read_bytes() == WORDS
    assert kept.rows > 10
    assert [file.size for file in kept.files] == [len(WORDS)]


def test_the_file_is_for_nobody_else_to_read(firm: Firm, tmp_path: Path) -> None:
    written(firm, tmp_path / "werft.kontor")

    assert (tmp_path / "werft.kontor").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["werft.kontor"]


def test_nothing_leaves_a_copy_by_itself(busy: Firm, tmp_path: Path) -> None:
    from app.notifications.models import Delivery
    from app.webhooks.models import Webhook

    written(busy, tmp_path / "werft.kontor")

    copy = brought_in(busy, tmp_path / "werft.kontor")

    with copy.work() as session:
        assert list(session.scalars(select(Webhook.active))) == [False]
        assert list(session.scalars(select(Delivery.state))) == ["dropped"]
    with busy.work() as session:
        assert list(session.scalars(select(Webhook.active))) == [True]
        assert list(session.scalars(select(Delivery.state))) == ["pending"]


def test_whoever_works_in_a_firm_works_in_its_copy_and_each_for_itself(firm: Firm, tmp_path: Path) -> None:
    written(firm, tmp_path / "werft.kontor")
    copy = brought_in(firm, tmp_path / "werft.kontor")

    add(copy, "Only", "Here")
    made = copy.client().post(f"{copy.url}/tokens/new", data={"name": "Till", "days": "30", "scope": "contacts.read"})

    assert "Here" in people_of(copy)
    assert "Here" not in people_of(firm)
    assert made.status_code == 201
    with copy.work() as session:
        who = session.scalars(text("SELECT actor FROM change WHERE table_name = 'contacts'")).first()
    assert who == firm.owner_id
    assert "Till" in copy.client().get(f"{copy.url}/tokens").text
    assert "Till" not in firm.client().get(f"{firm.url}/tokens").text


def test_a_firm_that_was_erased_comes_back_with_what_waited_to_be_sent(busy: Firm, tmp_path: Path) -> None:
    from app.notifications.models import Delivery

    written(busy, tmp_path / "werft.kontor")
    with busy.app.app_context():
        ending.close(busy.scope.tenant_id, reason="Over", by=US)
        ending.erase(busy.scope.tenant_id, at_once=True, by=US)

    back = brought_in(busy, tmp_path / "werft.kontor", slug="werft-neu")

    with back.work() as session:
        assert list(session.scalars(select(Delivery.state))) == ["pending"]


def spoilt(path: Path, harm: Callable[[bytearray], object]) -> None:
    content = bytearray(path.read_bytes())
    harm(content)
    path.write_bytes(content)


def flip(at: float) -> Callable[[bytearray], object]:
    def harm(content: bytearray) -> None:
        content[int(at * (len(content) - 1))] ^= 1

    return harm


def cut_off(content: bytearray) -> None:
    del content[len(content) // 2 :]


def rewritten(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """With another manifest, properly sealed."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    manifest = json.loads(parts["manifest.json"])
    change(manifest)
    parts["manifest.json"] = json.dumps(manifest).encode()
    parts["manifest.sha256"] = archive.digest(parts["manifest.json"]).encode()
    with zipfile.ZipFile(path, "w") as packed:
        for name, part in parts.items():
            packed.writestr(name, part)


@pytest.mark.parametrize("harm", [cut_off, bytearray.clear, *map(flip, (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.97, 1.0))])
def test_a_file_that_is_damaged_anywhere_is_refused_or_harmless(
    busy: Firm, tmp_path: Path, harm: Callable[[bytearray], object]
) -> None:
    path, before = tmp_path / "werft.kontor", schemas()
    written(busy, path)
    with archive.opened(path) as whole:
        kept = whole.manifest
    spoilt(path, harm)

    try:
        with archive.opened(path) as found:
            # What says nothing, as the time of a part, may be another.
            assert found.manifest == kept
    except DamagedBackup:
        with busy.app.app_context(), pytest.raises(DamagedBackup):
            restore.replace(busy.scope.tenant_id, path, keep=tmp_path / "kept.kontor", tell=silently)

    assert "Berg" in people_of(busy)
    assert schemas() == before
    assert not (tmp_path / "kept.kontor").exists()


def test_what_is_no_backup_is_refused_with_a_sentence(firm: Firm, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("name;city\n")

    with firm.app.app_context(), pytest.raises(DamagedBackup) as refusal:
        restore.bring_in(tmp_path / "list.csv", slug="werft-kopie", name="", tell=silently)

    assert str(refusal.value).startswith("This file is no complete backup of an account")


@pytest.mark.parametrize("newer", [{"format": 99}, {"revision": "9999"}])
def test_a_backup_of_a_newer_version_is_refused(firm: Firm, tmp_path: Path, newer: dict[str, Any]) -> None:
    path = tmp_path / "werft.kontor"
    written(firm, path)
    rewritten(path, lambda manifest: manifest.update(newer))

    with firm.app.app_context(), pytest.raises(BackupTooNew):
        restore.verify(path, tell=silently)


def test_verifying_restores_all_of_it_and_leaves_nothing_behind(busy: Firm, tmp_path: Path) -> None:
    path = tmp_path / "werft.kontor"
    kept = written(busy, path)
    before, told = schemas(), []

    with busy.app.app_context():
        found = restore.verify(path, tell=told.append)

    assert found.rows == kept.rows
    assert "contacts: 2 rows" in told
    assert schemas() == before


def test_rows_that_come_out_otherwise_than_they_went_in_are_noticed(busy: Firm, tmp_path: Path) -> None:
    path = tmp_path / "werft.kontor"
    written(busy, path)
    rewritten(path, lambda manifest: manifest["tables"][5].update(content="0" * 63 + "1"))

    with busy.app.app_context(), pytest.raises(BackupDoesNotFit):
        restore.verify(path, tell=silently)


def test_a_firm_is_put_back_to_what_it_was_and_what_it_had_is_kept(busy: Firm, tmp_path: Path) -> None:
    path, kept = tmp_path / "werft.kontor", tmp_path / "before.kontor"
    written(busy, path)
    add(busy, "Zoe", "Later")
    before = schemas()

    with busy.app.app_context():
        restore.replace(busy.scope.tenant_id, path, keep=kept, tell=silently)
        back = replace(busy, scope=registry.named("werft").scope())

    assert "Later" not in people_of(back)
    assert "Berg" in people_of(back)
    assert len(schemas()) == len(before)
    assert busy.scope.pg_schema not in schemas()
    with archive.opened(kept) as found:
        assert contents(found.manifest)["contacts"][0] == 3
    add(back, "Next", "One")
    assert "One" in people_of(back)


def test_after_a_restore_nothing_is_answered_from_what_was_there(busy: Firm, tmp_path: Path) -> None:
    path = tmp_path / "werft.kontor"
    written(busy, path)
    before = _remembered(busy, "before")
    with busy.app.app_context():
        restore.replace(busy.scope.tenant_id, path, keep=tmp_path / "kept", tell=silently)
        back = replace(busy, scope=registry.named("werft").scope())

    assert (before, _remembered(back, "after")) == ("before", "after")


def _remembered(firm: Firm, made: str) -> str:
    """What pages remember for a minute under one name; ``made`` where it has to be made anew."""
    with firm.work():
        return cache.remember_together("story", lambda: made, for_=timedelta(minutes=1))


def test_a_backup_of_another_firm_takes_nobodys_place(busy: Firm, acme: Firm, tmp_path: Path) -> None:
    written(busy, tmp_path / "werft.kontor")

    with acme.app.app_context(), pytest.raises(restore.BackupOfAnother):
        restore.replace(acme.scope.tenant_id, tmp_path / "werft.kontor", keep=tmp_path / "kept", tell=silently)


def test_whoever_came_after_the_backup_is_out_and_whoever_left_stays_out(busy: Firm, tmp_path: Path) -> None:
    from tenants import identities
    from tenants.db import platform_work
    from tenants.models import Membership, Role

    path = tmp_path / "werft.kontor"
    with busy.app.app_context(), platform_work() as session:
        tom = identities.find_or_add(session, email="tom@werft.example", name="Tom", password_hash="-", locale="de")
        left = identities.join(session, tenant_id=busy.scope.tenant_id, identity_id=tom.id, role=Role.MEMBER)
    written(busy, path)
    with busy.app.app_context(), platform_work() as session:
        session.get_one(Membership, left.id).active = False
        eve = identities.find_or_add(session, email="eve@werft.example", name="Eve", password_hash="-", locale="de")
        identities.join(session, tenant_id=busy.scope.tenant_id, identity_id=eve.id, role=Role.ADMIN)

    with busy.app.app_context():
        restore.replace(busy.scope.tenant_id, path, keep=tmp_path / "kept", tell=silently)

    with busy.app.app_context(), platform_work() as session:
        mine = select(Membership).where(Membership.tenant_id == busy.scope.tenant_id)
        active = {one.identity_id: one.active for one in session.scalars(mine)}
    assert active == {busy.identity_id: True, tom.id: False}


def test_who_is_reached_elsewhere_by_now_stays_who_they_are(busy: Firm, tmp_path: Path) -> None:
    from tenants.db import platform_work
    from tenants.models import Identity

    path = tmp_path / "werft.kontor"
    written(busy, path)
    with busy.app.app_context(), platform_work() as session:
        session.get_one(Identity, busy.identity_id).email = "elsewhere@werft.example"

    with busy.app.app_context():
        restore.replace(busy.scope.tenant_id, path, keep=tmp_path / "kept", tell=silently)
        back = replace(busy, scope=registry.named("werft").scope())

    assert "Berg" in people_of(back)


def test_a_copy_is_put_back_with_its_people(busy: Firm, tmp_path: Path) -> None:
    written(busy, tmp_path / "werft.kontor")
    copy = brought_in(busy, tmp_path / "werft.kontor")
    written(copy, tmp_path / "copy.kontor")

    with copy.app.app_context():
        restore.replace(copy.scope.tenant_id, tmp_path / "copy.kontor", keep=tmp_path / "kept", tell=silently)
        back = replace(copy, scope=registry.named("werft-kopie").scope())

    assert "Berg" in people_of(back)


def test_a_backup_of_an_older_version_is_brought_to_the_newest(firm: Firm, tmp_path: Path) -> None:
    from tenants import migrations

    path = tmp_path / "old.kontor"
    with engines.provisioner() as connection:
        connection.execute(f"BEGIN;{provisioning.schema_text('t_old', revision='0015')}COMMIT;".encode())
        connection.execute(
            "UPDATE platform.tenants SET pg_schema = 't_old', revision = '0015' WHERE id = %s", [firm.scope.tenant_id]
        )
        try:
            old = written(firm, path)
        finally:
            now_there = [firm.scope.pg_schema, migrations.head("tenant"), firm.scope.tenant_id]
            connection.execute("UPDATE platform.tenants SET pg_schema = %s, revision = %s WHERE id = %s", now_there)
            connection.execute(f"BEGIN;{provisioning.removal_text('t_old')}COMMIT;".encode())

    copy = brought_in(firm, path)

    assert old.revision == "0015"
    with firm.app.app_context():
        assert registry.named("werft-kopie").revision == migrations.head("tenant")
    assert written(copy, tmp_path / "new.kontor").revision == migrations.head("tenant")


def test_what_is_saved_together_is_in_the_file_together(busy: Firm, tmp_path: Path) -> None:
    """Somebody goes on writing two rows at a time while the file is written."""
    from threading import Event, Thread

    from app.contacts.models import Contact
    from tenants.db import new_id

    over, begun = Event(), Event()

    def write() -> None:
        while not over.is_set():
            with busy.work() as session:
                session.execute(update(Contact).values(title=str(new_id())))
            begun.set()

    writer = Thread(target=write)
    writer.start()
    assert begun.wait(60)
    try:
        written(busy, tmp_path / "werft.kontor")
    finally:
        over.set()
        writer.join()

    with brought_in(busy, tmp_path / "werft.kontor").work() as session:
        now = session.scalars(select(Contact.title)).all()
        changes = text("SELECT new ->> 'title' FROM change WHERE op = 'U' ORDER BY at DESC, ord DESC LIMIT 2")
        told = session.scalars(changes).all()
    assert len(now) == 2
    assert set(now) == set(told)


@contextmanager
def killed_at(step: int) -> Iterator[None]:
    """This process ends as by kill -9 with the so manieth statement that it sends as a provisioner."""
    execute, sent = psycopg.Connection.execute, iter(range(1, 10**6))

    def count(self: psycopg.Connection, *arguments: Any, **options: Any) -> Any:
        if next(sent) == step:
            os._exit(9)
        return execute(self, *arguments, **options)

    psycopg.Connection.execute = count  # type: ignore[method-assign]
    yield


def ends(app: Flask, step: int, do: Callable[[], object]) -> int:
    """The code with which a child ends that does it and is killed at that step; 0 where it came to its end before."""
    child = os.fork()
    if child == 0:
        from tenants.db import db

        with app.app_context(), killed_at(step):
            for engine in db.engines.values():
                engine.dispose(close=False)
            try:
                do()
            except BaseException:
                os._exit(1)
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def until_it_ends(app: Flask, do: Callable[[], object], look: Callable[[], None]) -> None:
    """Killed at one step after the other, with a look after each, until it comes to its end."""
    step = 1
    while code := ends(app, step, do):
        assert code == 9, f"it failed at step {step}"
        look()
        step += 11
    assert step > 1


def test_killed_at_any_step_a_file_is_there_whole_or_not_at_all(busy: Firm, tmp_path: Path) -> None:
    path = tmp_path / "werft.kontor"

    def look() -> None:
        assert not path.exists()

    until_it_ends(busy.app, lambda: export.write(busy.scope.tenant_id, path, tell=silently), look)

    with archive.opened(path) as found:
        assert contents(found.manifest)["contacts"][0] == 2


def test_killed_at_any_step_a_firm_is_brought_in_or_is_not_there(busy: Firm, tmp_path: Path) -> None:
    path, before = tmp_path / "werft.kontor", schemas()
    written(busy, path)

    def look() -> None:
        assert schemas() == before
        assert busy.client().get("/werft-kopie/contacts").status_code == 404

    def bring_in() -> UUID:
        return restore.bring_in(path, slug="werft-kopie", name="Kopie", tell=silently)

    until_it_ends(busy.app, bring_in, look)

    with busy.app.app_context():
        copy = replace(busy, scope=registry.named("werft-kopie").scope())
        assert "Berg" in people_of(copy)


def test_killed_at_any_step_a_firm_is_as_it_was_or_as_in_the_backup(busy: Firm, tmp_path: Path) -> None:
    path = tmp_path / "werft.kontor"
    written(busy, path)
    add(busy, "Zoe", "Later")
    before = schemas()

    def look() -> None:
        assert schemas() == before
        assert "Later" in people_of(busy)

    def put_back() -> object:
        return restore.replace(busy.scope.tenant_id, path, keep=tmp_path / "kept.kontor", tell=silently)

    until_it_ends(busy.app, put_back, look)

    with busy.app.app_context():
        back = replace(busy, scope=registry.named("werft").scope())
    assert "Later" not in people_of(back)


def test_a_firm_that_is_brought_in_has_its_settings_and_its_logo(firm: Firm, tmp_path: Path) -> None:
    from app.firm.models import FirmSettings
    from tenants import directory, files

    firm.client().post(f"{firm.url}/settings", data={**_SETTINGS, "iban": "DE89370400440532013000"})
    with firm.work() as session:
        kept = session.query(FirmSettings).one()
        kept.logo_id = files.keep(io.BytesIO(WORDS), name="logo.jpg", limit=1000).id
        directory.show_logo(kept.logo_id)
    written(firm, tmp_path / "werft.kontor")

    copy = brought_in(firm, tmp_path / "werft.kontor")

    with copy.work() as session:
        assert session.query(FirmSettings.iban).scalar() == "DE89370400440532013000"
    assert copy.client().get(f"{copy.url}/settings/logo", buffered=True).data == WORDS


_SETTINGS = {"name": "Werft", "country": "DE", "timezone": "Europe/Berlin", "locale": "de", "version": "1"}
