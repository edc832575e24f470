from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from marshmallow import ValidationError, fields

from app.companies.entity import COMPANY
from app.complaints import actions
from app.complaints.actions import Draft
from app.complaints.entity import COMPLAINT
from app.complaints.models import Complaint, Priority
from app.complaints.schemas import DETAILS, HOW, PRIORITY, WHAT
from app.contacts.entity import CONTACT
from app.core import records, references
from app.core.fields import Field, FieldKind, Values, schema_class
from app.core.moments import YEARS, YEARS_PATTERN, read_moment
from app.core.resources import Deed, Entered, Reading, RecordSchema, Resource, texts
from app.users import queries as users
from tenants import clock
from tenants.context import current_actor

_DUE = Field(
    name="due",
    label=_l("Due"),
    kind=FieldKind.MOMENT,
    help=_l("If left empty: the usual time for this priority."),
)
_IDS = ("assignee_id", "contact_id", "company_id")
_SHOWN = ("number", "what", "details", "priority", "due", "state", *_IDS, "author_id", "acknowledged_by_id")
_COURSE = ("acknowledged_at", "settled_by_id", "settled_at", "settled_how")


class ComplaintSchema(RecordSchema):
    number = fields.String()
    what = fields.String()
    details = fields.String(allow_none=True)
    priority = fields.String()
    due = fields.DateTime()
    state = fields.String(metadata={"description": "open, in_work, settled"})
    contact_id = fields.UUID(allow_none=True)
    company_id = fields.UUID(allow_none=True)
    author_id = fields.UUID(allow_none=True)
    assignee_id = fields.UUID(allow_none=True)
    acknowledged_by_id = fields.UUID(allow_none=True)
    acknowledged_at = fields.DateTime(allow_none=True)
    settled_by_id = fields.UUID(allow_none=True)
    settled_at = fields.DateTime(allow_none=True)
    settled_how = fields.String(allow_none=True)


def _in_our_times(values: Values) -> dict[str, list[str]]:
    due = values.get("due")
    if due and datetime.fromisoformat(due).year not in YEARS:
        return {"due": [gettext("This is not a day with a time.")]}
    return {}


_SHAPE = {"properties": {"due": {"pattern": YEARS_PATTERN}}}


def _schema(name: str) -> Any:
    ids: dict[str, fields.Field[Any]] = {one: fields.UUID(allow_none=True, load_default=None) for one in _IDS}
    return schema_class(name, (WHAT, DETAILS, PRIORITY, _DUE), rule=_in_our_times, shape=_SHAPE, beside=ids)


def _create(entered: Entered) -> UUID:
    return actions.enter(_draft(entered, present=None), at=clock.now())


def _change(complaint: Complaint, entered: Entered) -> None:
    is_of_same_contact = entered["contact_id"] == complaint.contact_id
    actions.change(complaint, _draft(entered, present=complaint))
    # On the page the company follows from the contact; here it is named by itself.
    if is_of_same_contact:
        complaint.company_id = entered["company_id"]


def _draft(entered: Entered, *, present: Complaint | None) -> Draft:
    """Raises ValidationError for records and people that are not there; what is there already is not asked again."""
    for name, entity in (("contact_id", CONTACT), ("company_id", COMPANY)):
        if present is None or entered[name] != getattr(present, name):
            references.check(name, entered[name], entity)
    assignee_id: UUID | None = entered["assignee_id"]
    known = {user_id for user_id, _ in users.offered()} | {present.assignee_id if present else None, None}
    if assignee_id not in known:
        raise ValidationError({"assignee_id": [gettext("Please choose one of the entries.")]})
    return Draft(
        what=entered["what"],
        details=entered["details"],
        priority=Priority(entered["priority"] or Priority.NORMAL),
        due=read_moment(entered["due"]) if entered["due"] else None,
        assignee_id=assignee_id,
        contact_id=entered["contact_id"],
        company_id=entered["company_id"],
    )


RESOURCE = Resource(
    name="complaints",
    one="Complaint",
    label=COMPLAINT.plural,
    model=Complaint,
    permission="complaints",
    entity=COMPLAINT,
    shown=ComplaintSchema,
    read=Reading(Complaint, *(getattr(Complaint, name) for name in (*_SHOWN, *_COURSE))),
    entered=_schema("ComplaintEntry"),
    create=_create,
    changed=_schema("ComplaintChange"),
    present=lambda complaint: texts(complaint, ("what", "details", "priority", "due", *_IDS)),
    change=_change,
    delete=records.discard,
    deeds=(
        Deed(
            name="acknowledgement",
            label=_l("Acknowledge"),
            do=lambda complaint, _entered: complaint.acknowledge(by=current_actor().user_id, at=clock.now()),
            undo=lambda complaint: complaint.withdraw_acknowledgement(),
        ),
        Deed(
            name="settlement",
            label=_l("Settle"),
            do=lambda complaint, entered: complaint.settle(
                how=entered[HOW.name], by=current_actor().user_id, at=clock.now()
            ),
            undo=lambda complaint: complaint.reopen(),
            entered=schema_class("SettlementEntry", (HOW,)),
            example={"settled_how": "A new pump is on its way."},
        ),
    ),
    example={"what": "The pump leaks.", "priority": "high"},
)
