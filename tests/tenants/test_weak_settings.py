"""Settings with which a house starts and which are weak all the same: the doctor names each, and how to mend it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from config.settings import settings
from tenants import filestores
from tenants.doctor import report, weaknesses
from tenants.doctor.findings import Finding
from tenants.filestores import Bucket, Folder
from tests.ports import free_port

STRONG: dict[str, Any] = {
    "embedded": False,
    "secret_key": "0f4b8d1c97a23e65" * 4,
    "secret_key_fallbacks": (),
    "public_url": "https://crm.example",
    "smtp_url": "smtps://kontor:secret@mail.example",
    "metrics_token": "5ad0c4f3e2b1968777aa",
    "sentry_dsn": None,
}


@pytest.fixture(autouse=True)
def strong(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch)


def give(monkeypatch: pytest.MonkeyPatch, **other: object) -> None:
    given = replace(settings(), **{**STRONG, **other})
    monkeypatch.setattr(weaknesses, "settings", lambda: given)


def said(findings: Iterator[Finding]) -> list[str]:
    return [f"{finding.sentence} -> {finding.remedy}" for finding in findings if not finding.is_fine]


def test_settings_of_a_house_as_the_runbook_sets_it_up_are_not_weak(app: Flask) -> None:
    found = list(weaknesses.examine())

    assert said(iter(found)) == []
    assert [finding for finding in found if finding.is_hint] == []


@pytest.mark.parametrize(
    ("given", "sentence", "remedy"),
    [
        ({"smtp_url": "smtp://mail.example"}, "Mails leave for mail.example unencrypted", "starttls=required"),
        ({"public_url": "http://crm.example"}, "at http://crm.example, so passwords travel", "https://"),
        ({"secret_key": "changeme" * 5}, "SECRET_KEY repeats few characters", "openssl rand -hex 32"),
        ({"metrics_token": "short"}, "METRICS_TOKEN has fewer than 16 characters", "openssl rand -hex 32"),
    ],
)
def test_a_weak_setting_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, object], sentence: str, remedy: str
) -> None:
    give(monkeypatch, **given)

    (told,) = said(weaknesses.examine())

    assert sentence in told
    assert remedy in told.partition(" -> ")[2]


@pytest.mark.parametrize(
    "given",
    [
        {"smtp_url": "smtp://localhost"},
        {"smtp_url": "smtp://[::1]:25"},
        {"smtp_url": "smtp://mail.example?starttls=required"},
        {"smtp_url": "smtp://kontor:secret@mail.example:587"},
        {"public_url": "http://127.0.0.1:8000"},
        {"sentry_dsn": "https://key@sentry.example/1"},
    ],
    ids=str,
)
def test_what_stays_on_this_machine_or_is_encrypted_is_not_weak(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, object]
) -> None:
    give(monkeypatch, **given)

    assert said(weaknesses.examine()) == []


def test_on_ones_own_machine_nothing_is_asked_for_but_a_place_for_files(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, embedded=True, public_url="http://127.0.0.1:8000", smtp_url=None, metrics_token=None)

    found = list(weaknesses.examine())

    assert [finding for finding in found if not finding.is_fine or finding.is_hint] == []


@pytest.mark.parametrize(
    ("given", "sentence", "remedy"),
    [
        ({"secret_key_fallbacks": ("a" * 40, "b" * 40)}, "2 former keys are still believed", "SECRET_KEY_FALLBACKS"),
        ({"metrics_token": None}, "Nobody can watch this house", "METRICS_TOKEN"),
    ],
)
def test_a_hint_is_told_and_makes_nobody_ill(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, object], sentence: str, remedy: str
) -> None:
    give(monkeypatch, **given)

    found = list(weaknesses.examine())

    (hint,) = [finding for finding in found if finding.is_hint]
    assert sentence in hint.sentence
    assert remedy in (hint.remedy or "")
    assert report.healthy(found)
    assert f"hint   {hint.part}: {hint.sentence}\n         {hint.remedy}" in report.text(found)


def test_a_place_for_files_that_works_keeps_nothing_of_the_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filestores, "store", lambda: Folder(tmp_path))

    assert said(weaknesses.files()) == []
    assert list(tmp_path.iterdir()) == []


def test_a_place_for_files_where_nothing_can_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = tmp_path / "files"
    in_the_way.write_bytes(b"a file where a folder should be")
    give(monkeypatch, files_url=str(in_the_way))
    monkeypatch.setattr(filestores, "store", lambda: Folder(in_the_way))

    (told,) = said(weaknesses.files())

    assert told.startswith(f"Files cannot be kept at {in_the_way}: NotADirectoryError")
    assert "FILES_URL" in told


def test_a_bucket_that_nobody_serves_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lead_to(monkeypatch, tmp_path, port=free_port())

    (told,) = said(weaknesses.files())

    assert told.startswith("Files cannot be kept at s3://kontor: ")


def test_a_bucket_that_accepts_and_stays_silent_is_named_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        lead_to(monkeypatch, tmp_path, port=silent.getsockname()[1])
        began = time.monotonic()

        (told,) = said(weaknesses.files())

    assert told.startswith("Files cannot be kept at s3://kontor: ")
    assert time.monotonic() - began < 30


def lead_to(monkeypatch: pytest.MonkeyPatch, folder: Path, *, port: int) -> None:
    access = {"AWS_ACCESS_KEY_ID": "kontor", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-central-1"}
    for name, value in (access | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}).items():
        monkeypatch.setenv(name, value)
    give(monkeypatch, files_url="s3://kontor")
    monkeypatch.setattr(filestores, "store", lambda: Bucket("s3://kontor", nearby=folder))
