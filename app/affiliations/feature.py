from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.affiliations import actions, queries
from app.affiliations.models import Affiliation
from app.affiliations.schemas import COMPANY, ROLE
from app.affiliations.views import bp
from app.core.entities import Column, Extension, Part
from app.core.features import Feature, Panel
from tenants import clock

FEATURE = Feature(
    name="affiliations",
    blueprints=(bp,),
    extensions=(
        Extension(
            on=frozenset({"contact"}),
            columns=(Column(name="company", label=_l("Company")),),
            read=queries.employer_names,
            fields=(COMPANY, ROLE),
            write=actions.add_employers,
            found_by=queries.found_by_employer,
            parts=(
                Part(model=Affiliation, owner="contact_id", label=_l("Works for"), text="role", ends="until"),
            ),
            neighbours=queries.employers_today,
        ),
        Extension(
            on=frozenset({"company"}),
            parts=(
                Part(model=Affiliation, owner="company_id", label=_l("People"), text="role", ends="until"),
            ),
        ),
    ),
    panels=(
        Panel(
            on=frozenset({"contact"}),
            title=_l("Works for"),
            template="affiliations/employers.html",
            load=lambda contact: {"employers": queries.employers_of(contact.id), "today": clock.today()},
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
