from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.features import Feature, MenuItem
from app.imports.views import bp

FEATURE = Feature(
    name="imports",
    blueprints=(bp,),
    permissions=("imports.read", "imports.write"),
    account=(
        MenuItem(label=_l("Imports"), icon="file-spreadsheet", endpoint="imports.index", permission="imports.read"),
    ),
    list_actions=(MenuItem(label=_l("Import"), icon="upload", endpoint="imports.start", permission="imports.write"),),
)
