from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import literal

from app.core.bulk import Argument, BulkAction
from app.core.conditions import Kind
from app.core.criteria import Criterion
from app.core.entities import EVERY_RECORD, EntityRef, Extension, Filter, Part
from app.core.features import Feature, MenuItem, Panel
from app.tags import bulk, importing, queries
from app.tags.api import BOND, RESOURCE
from app.tags.models import Tagging
from app.tags.views import bp

TAG = Argument(name="tag", label=_l("Tag"), limit=40, suggestions=queries.names)


def _panel(record: EntityRef) -> dict[str, Any]:
    beside = queries.beside(record.id)
    return {
        "carried": [tag for tag in beside if tag.carried],
        "others": [tag.name for tag in beside if not tag.carried],
    }


FEATURE = Feature(
    name="tags",
    resources=(RESOURCE,),
    bonds=(BOND,),
    blueprints=(bp,),
    permissions=("tags.read", "tags.write", "tags.delete"),
    account=(MenuItem(label=_l("Tags"), icon="tag", endpoint="tags.index", permission="tags.read"),),
    extensions=(
        Extension(
            on=EVERY_RECORD,
            importable=(importing.FIELD,),
            read=importing.read,
            write=importing.write,
            refused=importing.refused,
            says_more=importing.says_more,
            filters=(
                Filter(
                    name="tag",
                    label=_l("All tags"),
                    options=(),
                    where=queries.carried_by,
                    choices=queries.known,
                    parse=UUID,
                ),
            ),
            criteria=(
                Criterion(
                    name="tag",
                    label=_l("Tag"),
                    kind=Kind.CHOICE,
                    choices=queries.known,
                    several=queries.carried_of,
                ),
            ),
            bulk=(
                BulkAction(
                    name="tags.add",
                    label=_l("Add tag"),
                    icon="tag",
                    permission="tags.write",
                    argument=TAG,
                    prepare=bulk.tag_to_add,
                    run=bulk.add,
                    undo=bulk.take_off_again,
                    said=lambda n: ngettext("%(num)d row has the tag now.", "%(num)d rows have the tag now.", n),
                ),
                BulkAction(
                    name="tags.remove",
                    label=_l("Remove tag"),
                    icon="x",
                    permission="tags.write",
                    argument=TAG,
                    prepare=bulk.tag_to_remove,
                    run=bulk.remove,
                    undo=bulk.put_on_again,
                    said=lambda n: ngettext(
                        "The tag is removed from %(num)d row.", "The tag is removed from %(num)d rows.", n
                    ),
                ),
            ),
            parts=(
                Part(
                    model=Tagging,
                    owner="record_id",
                    owner_kind="kind",
                    collection="tags",
                    label=lambda _kind: _l("Tag"),
                    kind=literal(""),
                    name=queries.tag_name(),
                ),
            ),
        ),
    ),
    panels=(
        Panel(
            on=EVERY_RECORD,
            title=_l("Tags"),
            template="tags/panel.html",
            load=_panel,
            permission="tags.read",
            lazy=True,
        ),
    ),
)
