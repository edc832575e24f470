from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _l

from app.core.features import Feature, FirstStep, MenuItem
from app.imports.views import bp
from app.notifications import telling
from app.notifications.telling import OccasionPage

telling.lead_to(
    "imports", OccasionPage(label=_l("The import"), url=lambda import_id: url_for("imports.show", import_id=import_id))
)

FEATURE = Feature(
    name="imports",
    blueprints=(bp,),
    permissions=("imports.read", "imports.write"),
    account=(
        MenuItem(label=_l("Imports"), icon="file-spreadsheet", endpoint="imports.index", permission="imports.read"),
    ),
    list_actions=(MenuItem(label=_l("Import"), icon="upload", endpoint="imports.start", permission="imports.write"),),
    first_steps=(
        FirstStep(
            label=_l("Import your list"),
            text=_l(
                "From Excel, Outlook or another program, as a table or vCards. You see everything before it is saved."
            ),
            icon="upload",
            endpoint="imports.start",
            permission="imports.write",
        ),
    ),
)
