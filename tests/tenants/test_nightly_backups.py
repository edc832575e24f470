"""Every night, once, of every firm; kept for a while; one that fails holds up no other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from config.settings import settings
from tenants import clock, engines, registry
from tenants.backup import archive, nightly, restore
from tenants.backup.nightly import NoBackup, NoPlaceForBackups
from tests.firms import Firm


@pytest.fixture
def folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where backups go, of the two firms alone."""
    told = replace(settings(), backups_url=str(tmp_path / "backups"), backups_kept_days=10, backup_hour=0)
    monkeypatch.setattr(nightly, "settings", lambda: told)
    with engines.provisioner() as connection:
        connection.execute("UPDATE platform.tenants SET backed_up_at = NULL")
    with app.app_context():
        ours = [tenant for tenant in registry.every_tenant() if tenant.slug in {"acme", "globex"}]
    monkeypatch.setattr(registry, "every_tenant", lambda: iter(map(_again, ours)))
    yield tmp_path / "backups"
    clock.travel_with(timedelta)


def _again(tenant: registry.Tenant) -> registry.Tenant:
    return registry.find(tenant.id)


def take_due(firm: Firm) -> int:
    with firm.app.app_context():
        return nightly.take_due()


def names(firm: Firm) -> list[str]:
    with firm.app.app_context():
        return [one.name for one in nightly.listed(firm.scope.tenant_id)]


def travel(**away: float) -> None:
    clock.travel_with(lambda: timedelta(**away))


def test_every_night_each_firm_is_backed_up_once(acme: Firm, globex: Firm, folder: Path) -> None:
    first, again = take_due(acme), take_due(acme)
    travel(days=1)
    next_night = take_due(acme)

    assert (first, again, next_night) == (2, 0, 2)
    assert [len(names(firm)) for firm in (acme, globex)] == [2, 2]


def test_before_the_hour_it_is_still_the_night_before(
    acme: Firm, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_due(acme)
    now = clock.now()
    later = replace(nightly.settings(), backup_hour=(now.hour + 2) % 24)
    monkeypatch.setattr(nightly, "settings", lambda: later)

    travel(hours=1)
    too_early = take_due(acme)
    travel(hours=3)

    assert too_early == 0
    assert take_due(acme) == 2


def test_without_a_place_none_is_made_and_who_asks_is_told(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    told = replace(settings(), backups_url=None)
    monkeypatch.setattr(nightly, "settings", lambda: told)

    assert take_due(acme) == 0
    with acme.app.app_context(), pytest.raises(NoPlaceForBackups):
        nightly.take_all(tell=print)


def test_one_that_fails_holds_up_no_other_and_is_tried_again(acme: Firm, globex: Firm, folder: Path) -> None:
    rename = "ALTER TABLE {}.files RENAME TO {}"
    with engines.provisioner() as connection:
        connection.execute(rename.format(f"{acme.scope.pg_schema}", "lost").encode())
        try:
            with acme.app.app_context():
                found = nightly.take_all(tell=print)
        finally:
            connection.execute(f"ALTER TABLE {acme.scope.pg_schema}.lost RENAME TO files".encode())

    assert found.taken == [globex.scope.tenant_id]
    assert list(found.failed) == [str(acme.scope.tenant_id)]
    assert "was not backed up" in str(found)
    assert take_due(acme) == 1


def test_the_newest_one_can_be_restored(acme: Firm, folder: Path) -> None:
    take_due(acme)

    with acme.app.app_context():
        manifest = restore.verify(nightly.path_of(acme.scope.tenant_id, None), tell=lambda _line: None)

    assert manifest.firm["slug"] == "acme"


def test_one_that_is_not_there_is_said_so(acme: Firm, folder: Path) -> None:
    take_due(acme)

    with acme.app.app_context(), pytest.raises(NoBackup):
        nightly.path_of(acme.scope.tenant_id, "../../acme.kontor")


def test_old_ones_go_and_the_last_one_stays(acme: Firm, globex: Firm, folder: Path) -> None:
    take_due(acme)
    travel(days=1)
    take_due(acme)
    for path in folder.glob("*/*.kontor"):
        os.utime(path, (0, 0))

    with acme.app.app_context():
        gone = nightly.forget_old()

    assert gone == 2
    assert [len(names(firm)) for firm in (acme, globex)] == [1, 1]
    with archive.opened(next(folder.glob("*/*.kontor"))) as kept:
        assert kept.manifest.format == archive.FORMAT


def test_what_a_killed_process_left_unfinished_goes_after_a_day(acme: Firm, folder: Path) -> None:
    take_due(acme)
    left = folder / str(acme.scope.tenant_id) / "2026-01-01T010000Z.kontor.part"
    left.write_bytes(b"half")
    with acme.app.app_context():
        nightly.forget_old()
        stays = left.exists()
        os.utime(left, (0, 0))
        nightly.forget_old()

    assert stays
    assert not left.exists()
    assert len(names(acme)) == 1
