from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.complaints import telling
from app.complaints.models import Complaint
from app.complaints.schemas import ASSIGNEE, DETAILS, HOW, PRIORITY, STATE, WHAT
from app.core.entities import EntityType
from app.core.fields import Field
from app.core.subjects import Person

DUE = Field(name="due", label=_l("Due"), say=telling.moment)

COMPLAINT = EntityType(
    name="complaint",
    model=Complaint,
    label=_l("Complaint"),
    plural=_l("Complaints"),
    icon="life-buoy",
    endpoint="complaints.show",
    list_endpoint="complaints.index",
    title="display_name",
    title_label=_l("Complaint"),
    permission="complaints",
    fields=(WHAT, DETAILS, PRIORITY),
    people=(
        Person(name="assignee", label=_l("Whoever it is assigned to"), column="assignee_id"),
        Person(name="author", label=_l("Whoever entered it"), column="author_id"),
    ),
    told=(
        STATE,
        DUE,
        Field(name=ASSIGNEE.name, label=ASSIGNEE.label, say=telling.colleague, choices=telling.assignees),
        Field(name=HOW.name, label=_l("How it was settled")),
    ),
    belonged=telling.belonged,
)
