from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, literal

from app.affiliations import actions, jobs, queries
from app.affiliations.api import RESOURCE, admit
from app.affiliations.models import Affiliation
from app.affiliations.schemas import COMPANY, ROLE
from app.affiliations.views import bp
from app.companies.models import Company
from app.core.criteria import Criterion
from app.core.entities import Column, Extension, Part
from app.core.features import Feature, Panel
from app.core.fields import Text
from tenants import clock
from tenants.jobs import later

_JOBS = 2
"""As many fit below a name."""


def _part(owner: str, label: Text, name: ColumnElement[str]) -> Part:
    return Part(
        model=Affiliation,
        owner=owner,
        collection="affiliations",
        label=lambda _kind: label,
        kind=literal(""),
        name=name,
        ends="until",
    )


def _jobs(loaded: dict[str, Any]) -> str:
    """As what somebody works, and for whom, today."""
    rows = [(own.role, own.name) for own in loaded["employers"] if own.until is None or own.until > loaded["today"]]
    return " · ".join(", ".join(word for word in row if word) for row in rows[:_JOBS])


FEATURE = Feature(
    name="affiliations",
    resources=(RESOURCE,),
    blueprints=(bp,),
    extensions=(
        Extension(
            on=frozenset({"contact"}),
            columns=(Column(name="company", label=_l("Company")),),
            beside=queries.employer_beside,
            criteria=(
                Criterion(name="company", label=_l("Company"), several=queries.of_employment(Company.name)),
                Criterion(name="role", label=_l("Role"), several=queries.of_employment(Affiliation.role)),
            ),
            fields=(COMPANY, ROLE),
            admit=admit,
            write=actions.add_employers,
            words=lambda values: [values.get("company") or ""],
            parts=(_part("contact_id", _l("Works for"), queries.employer_name()),),
            neighbours=queries.employers_today,
        ),
        Extension(
            on=frozenset({"company"}),
            changed=lambda company_id: later(jobs.retell_staff, company_id=str(company_id)),
            parts=(_part("company_id", _l("People"), queries.contact_name()),),
        ),
    ),
    panels=(
        Panel(
            on=frozenset({"contact"}),
            title=_l("Works for"),
            template="affiliations/employers.html",
            load=lambda contact: {"employers": queries.employers_of(contact.id), "today": clock.today()},
            line=_jobs,
            permission="contacts.read",
        ),
        Panel(
            on=frozenset({"company"}),
            title=_l("People"),
            template="affiliations/staff.html",
            load=lambda company: {"staff": queries.staff_of(company.id), "today": clock.today()},
            permission="contacts.read",
        ),
    ),
)
