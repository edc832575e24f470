"""Records for tests, made by the features' own actions."""

from __future__ import annotations

from uuid import UUID

from flask import Flask

from app.core.entities import create_records, entity_types
from tenants import lanes
from tests.firms import Firm


def add_contact(firm: Firm, **values: str) -> UUID:
    return add_many(firm, "contact", [{"given_name": "Jürgen", "family_name": "Müller", **values}])[0]


def add_company(firm: Firm, **values: str) -> UUID:
    return add_many(firm, "company", [{"name": "Hafen & Söhne KG", **values}])[0]


def add_many(firm: Firm, entity: str, rows: list[dict[str, str]]) -> list[UUID]:
    with firm.work():
        return list(create_records(entity_types.named(entity), rows))


def run_jobs(app: Flask) -> None:
    """Everything that waits for a worker, done by a real one that then ends."""
    with app.app_context():
        lanes.worker().work(burst=True)
