"""Lists for the tests of imports, and the steps a person takes with one."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from tests.firms import Firm, Visitor

CONTACTS = (
    "Anrede;Vorname;Nachname;Firma;Position;E-Mail;Telefon;Straße;PLZ;Ort\r\n"
    "Herr;Jürgen;Müller;Nordlicht Segel GmbH;Einkauf;j.mueller@nordlicht.example;040 / 555 12-34;Kai 5;20457;"
    "Hamburg\r\n"
    "Frau;Änne;Groß;Nordlicht Segel GmbH;;aenne@nordlicht.example;+49 40 5551235;Kai 5;20457;Hamburg\r\n"
    "Frau;Zoë;Çelik;Bäckerei Süß;Inhaberin;kein-at-zeichen;089 123456;Am Markt 1;80331;München\r\n"
    ";;;Bäckerei Süß;;info@suess.example;;;;\r\n"
)


def upload(firm: Firm, content: bytes, *, entity: str = "contact", name: str = "kontakte.csv") -> TestResponse:
    return upload_by(firm.client(), firm, content, entity=entity, name=name)


def upload_by(client: Visitor, firm: Firm, content: bytes, *, entity: str, name: str) -> TestResponse:
    # Encoded here: the test client would leave the temporary file of a large body open.
    boundary, body = encode_multipart({"entity": entity, "file": FileStorage(io.BytesIO(content), name)})
    kind = f"multipart/form-data; boundary={boundary}"
    return client.post(f"{firm.url}/imports/new", data=body, content_type=kind)


def kept_files(firm: Firm) -> set[Path]:
    """What lies on the disk for this firm."""
    from config.settings import settings

    return set((settings().home / "files" / str(firm.scope.tenant_id)).glob("*"))


def draft(firm: Firm, content: str, *, entity: str = "contact") -> UUID:
    """The id of the import that an uploaded list has become."""
    answer = upload(firm, content.encode(), entity=entity)
    assert answer.status_code == 303, answer.text
    work_off(firm)
    return UUID(answer.location.rpartition("/")[2])


def columns(firm: Firm, import_id: UUID) -> list[str]:
    return list(stored(firm, import_id).mapping)


def launch(firm: Firm, import_id: UUID, chosen: Sequence[str] | None = None) -> TestResponse:
    """Press the button; the columns are those proposed unless others are chosen."""
    sent = {"column": list(chosen) if chosen is not None else columns(firm, import_id)}
    return firm.client().post(f"{firm.url}/imports/{import_id}/start", data=sent)


def stored(firm: Firm, import_id: UUID) -> Any:
    from app.imports import queries

    with firm.work():
        return queries.import_(import_id)


def work_off(firm: Firm, *, stop: Callable[[], bool] = lambda: False) -> int:
    """Do as the worker does until nothing is pending; how many jobs that were."""
    from sqlalchemy import select

    from tenants.jobs import Job, JobState, perform

    performed = 0
    while not stop():
        with firm.work() as session:
            job_id = session.scalar(select(Job.id).where(Job.state == JobState.PENDING).order_by(Job.id))
        if job_id is None:
            break
        with firm.app.app_context():
            perform(str(firm.scope.tenant_id), str(job_id))
        performed += 1
    return performed


def count(firm: Firm, table: str) -> int:
    from sqlalchemy import text

    with firm.work() as session:
        return int(session.scalar(text(f"SELECT count(*) FROM {table}")))


def many(rows: int) -> str:
    """A list of contacts in 40 companies."""
    lines = ["Vorname;Nachname;Firma;Position;E-Mail;Telefon;PLZ;Ort"]
    lines += [
        f"Hans{n};Müller-{n};Firma {n % 40} GmbH;Einkauf;hans{n}@firma{n % 40}.example;030 / 1{n:06};"
        f"10{n % 900:03};Berlin"
        for n in range(rows)
    ]
    return "\r\n".join(lines)
