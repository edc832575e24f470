from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.core import records
from app.core.bulk import BulkAction
from app.core.entities import EVERY_RECORD, EntityType, Extension
from app.core.features import Feature, MenuItem, Selection
from app.notifications import telling
from app.notifications.telling import OccasionPage
from app.selection.views import bp


def _discard(entity: EntityType, ids: Sequence[UUID], _argument: str) -> Sequence[UUID]:
    return records.discard_many(entity.model, ids)


def _take_back(entity: EntityType, ids: Sequence[UUID], _argument: str) -> None:
    records.take_back_many(entity.model, records.free_among(entity, ids))


DELETE = BulkAction(
    name="selection.delete",
    label=_l("Delete"),
    icon="trash-2",
    verb="delete",
    run=_discard,
    undo=_take_back,
    said=lambda n: ngettext("%(num)d row is in the recycle bin.", "%(num)d rows are in the recycle bin.", n),
)

telling.lead_to(
    "bulk_changes",
    OccasionPage(label=_l("The change"), url=lambda change_id: url_for("selection.show", change_id=change_id)),
)

FEATURE = Feature(
    name="selection",
    blueprints=(bp,),
    permissions=("selection.write",),
    account=(
        MenuItem(label=_l("Bulk changes"), icon="layers", endpoint="selection.index", permission="selection.write"),
    ),
    extensions=(Extension(on=EVERY_RECORD, bulk=(DELETE,)),),
    selection=Selection(endpoint="selection.act", permission="selection.write"),
)
