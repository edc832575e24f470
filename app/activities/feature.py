from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.activities import capturing, discarded, pages, queries, telling
from app.activities.api import RESOURCE
from app.activities.models import Activity, Link, Mention
from app.activities.schemas import HAPPENED
from app.activities.views import bp
from app.core import access
from app.core.bins import Bin
from app.core.capture import Capture, CaptureDetails, CaptureKind
from app.core.entities import EVERY_RECORD, EntityType, Extension
from app.core.entries import Entry, Place
from app.core.features import Feature, MenuItem
from app.core.subjects import Person, Subject
from app.following import queries as following


def _entries(_entity: EntityType, record_id: UUID, before: Place | None, limit: int) -> Sequence[Entry]:
    if not access.may("activities.read"):
        return []
    tell, ways = telling.teller(), telling.ways()
    return [tell(row, *ways(row)) for row in queries.about(record_id, before=before, limit=limit)]


def _news(limit: int) -> Sequence[Entry]:
    if not access.may("activities.read"):
        return []
    return telling.with_subjects(queries.latest(limit))


def _followed(limit: int, before: Place | None) -> Sequence[Entry]:
    user_id = following.hears()
    if user_id is None or not access.may("activities.read"):
        return []
    return telling.with_subjects(queries.followed_by(user_id, before=before, limit=limit))


_TITLE = 120

FEATURE = Feature(
    name="activities",
    resources=(RESOURCE,),
    blueprints=(bp,),
    permissions=("activities.read", "activities.write", "activities.delete"),
    capture=Capture(
        endpoint="activities.capture",
        names_endpoint="activities.people",
        placeholder=_l("What happened? A note, a conversation, a promise …"),
        submit_label=_l("Save entry"),
        permission="activities.write",
    ),
    capture_kinds=tuple(
        CaptureKind(
            value=str(kind),
            label=label,
            icon=icon,
            permission="activities.write",
            keep=partial(capturing.keep, kind),
        )
        for kind, label, icon in HAPPENED
    ),
    capture_details=(
        # A note is about now; of the others one may write later than they were.
        CaptureDetails(
            kinds=("call", "meeting", "email"),
            template="activities/when.html",
            load=capturing.when,
            permission="activities.write",
        ),
    ),
    account=(
        MenuItem(label=_l("Mentions"), icon="at-sign", endpoint="activities.mentions", permission="activities.read"),
    ),
    subjects=(
        Subject(
            name="mention",
            model=Mention,
            label=_l("Mention"),
            plural=_l("Mentions"),
            icon="at-sign",
            permission="activities.read",
            title=lambda: (
                select(func.left(Activity.body, _TITLE)).where(Activity.id == Mention.activity_id).scalar_subquery()
            ),
            way=pages.mention_url,
            people=(Person(name="mentioned", label=_l("Whoever is mentioned"), column="user_id"),),
            addressed=_l("You are mentioned"),
            addressed_by=_l("%(who)s mentions you."),
            is_record=False,
        ),
    ),
    extensions=(Extension(on=EVERY_RECORD, about=(Link.record_id,)),),
    bins=(
        Bin(
            kind="activity",
            plural=_l("Notes and conversations"),
            icon="sticky-note",
            permission="activities",
            load=discarded.load,
            take_back=discarded.take_back,
        ),
    ),
    entries=_entries,
    entries_label=_l("Notes and tasks"),
    news=_news,
    followed=_followed,
)
