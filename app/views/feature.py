from __future__ import annotations

from app.core.features import Feature, ListKeeper
from app.views import queries, toolbar
from app.views.views import bp

FEATURE = Feature(
    name="views",
    blueprints=(bp,),
    permissions=("views.read", "views.write", "views.share"),
    list_keeper=ListKeeper(recall=queries.kept, tabs=toolbar.tabs, tools=toolbar.tools),
)
