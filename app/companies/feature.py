from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.companies.api import RESOURCE
from app.companies.entity import COMPANY
from app.companies.views import bp
from app.core.features import Feature, FirstStep, MenuItem

FEATURE = Feature(
    name="companies",
    resources=(RESOURCE,),
    entities=(COMPANY,),
    blueprints=(bp,),
    permissions=("companies.read", "companies.write", "companies.delete", "companies.export"),
    menu=(MenuItem(label=_l("Companies"), icon="building-2", endpoint="companies.index", permission="companies.read"),),
    quick=(
        MenuItem(label=_l("New company"), icon="building-2", endpoint="companies.new", permission="companies.write"),
    ),
    first_steps=(
        FirstStep(
            label=_l("Enter your first company"),
            text=_l("With its address and the people who work there."),
            icon="building-2",
            endpoint="companies.new",
            permission="companies.write",
        ),
    ),
)
