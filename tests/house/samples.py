"""For every address that names a record of a firm: how such a record comes into being, and what is sent to it."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from app.activities import actions as activities
from app.activities.models import ActivityKind, Mention
from app.affiliations.models import Affiliation
from app.attachments import actions as attachments
from app.complaints import actions as complaints
from app.complaints.actions import Draft
from app.core.entities import EntityRef, entity_types
from app.core.features import features
from app.escalation import actions as escalation
from app.escalation import rules
from app.notifications.models import Channel, Delivery, DeliveryState, Event, Notification
from app.tags import actions as tags
from app.tasks import actions as tasks
from app.tasks.actions import Plan
from app.views import actions as views
from app.webhooks import actions as webhooks
from app.webhooks import queries as webhook_queries
from app.webhooks.actions import Wish as Wanted
from tenants import clock, invitations, tokens
from tenants.db import new_id, platform_work
from tenants.invitations import Guest
from tenants.jobs import Job, JobState
from tenants.models import Role
from tenants.tokens import Wish
from tests.app.attachments.contents import picture
from tests.app.exports import exporting
from tests.app.imports import lists
from tests.app.selection import selecting
from tests.colleagues import colleague
from tests.firms import Firm
from tests.house.routes import Route
from tests.pages import form_values
from tests.records import add_company, add_contact

Arguments = Mapping[str, Any]


def _contact(firm: Firm) -> Arguments:
    return {"record_id": add_contact(firm)}


def _company(firm: Firm) -> Arguments:
    return {"record_id": add_company(firm)}


def _some_record(firm: Firm) -> Arguments:
    return {"entity": "contact", "record_id": add_contact(firm)}


def _deleted_record(firm: Firm) -> Arguments:
    contact_id = add_contact(firm)
    firm.client().post(f"{firm.url}/contacts/{contact_id}/delete")
    return {"entity": "contact", "record_id": contact_id}


def _affiliation(firm: Firm) -> Arguments:
    add_contact(firm, company="Hafen & Söhne KG")
    with firm.work() as session:
        return {"affiliation_id": session.query(Affiliation.id).scalar()}


def _activity(firm: Firm) -> Arguments:
    about = EntityRef("contact", add_contact(firm))
    with firm.work():
        return {"activity_id": activities.record(ActivityKind.CALL, body="Called.", about=about, at=clock.now())}


def _linked_activity(firm: Firm) -> Arguments:
    return {**_activity(firm), "entity": "company", "record_id": add_company(firm)}


def _mention(firm: Firm) -> Arguments:
    about = EntityRef("contact", add_contact(firm))
    with firm.work() as session:
        activities.record(ActivityKind.NOTE, body="Please look at it, @Ada Owner.", about=about, at=clock.now())
        return {"mention_id": session.query(Mention.id).scalar()}


def _task(firm: Firm) -> Arguments:
    about = EntityRef("contact", add_contact(firm))
    with firm.work():
        plan = Plan(text="Send a sample.", assignee_id=firm.owner_id)
        return {"task_id": tasks.add(plan, about=about, at=clock.now())}


def _complaint(firm: Firm) -> Arguments:
    contact_id = add_contact(firm)
    with firm.work():
        return {"record_id": complaints.enter(Draft(what="The pump leaks.", contact_id=contact_id), at=clock.now())}


def _stage(address: str) -> Callable[[Firm], Arguments]:
    """A complaint to which this has been done."""

    def make(firm: Firm) -> Arguments:
        made = _complaint(firm)
        firm.client().post(f"{firm.url}/complaints/{made['record_id']}/{address}", data={"settled_how": "New pump."})
        return made

    return make


def _attachment(firm: Firm) -> Arguments:
    about = EntityRef("contact", add_contact(firm))
    with firm.work():
        attachment_id = attachments.attach(about, io.BytesIO(picture()), name="pump.png")
    lists.work_off(firm)
    return {"attachment_id": attachment_id}


def _tag(firm: Firm) -> Arguments:
    with firm.work():
        return {"tag_id": tags.find_or_add("Kunde").id}


def _tagged_record(firm: Firm) -> Arguments:
    return {**_some_record(firm), **_tag(firm)}


def _bulk_change(firm: Firm) -> Arguments:
    change_id = selecting.act(firm, "selection.delete", [add_contact(firm)])
    return {"change_id": change_id}


def _export(firm: Firm) -> Arguments:
    add_contact(firm)
    return {"export_id": exporting.export_by_worker(firm)}


def _view(firm: Firm) -> Arguments:
    with firm.work():
        kept = views.keep(entity_types.named("contact"), name="Kieler", address={"q": "Kiel"}, shared=False)
        return {"view_id": kept.id}


def _deleted_view(firm: Firm) -> Arguments:
    made = _view(firm)
    firm.client().post(f"{firm.url}/views/{made['view_id']}/delete")
    return made


def _import(firm: Firm) -> Arguments:
    return {"import_id": lists.draft(firm, "Nachname;Firma\r\nMeier;Hafen\r\n")}


def _user(firm: Firm) -> Arguments:
    return {"user_id": colleague(firm).user_id}


def _invitation(firm: Firm) -> Arguments:
    guest = Guest(email="guest@elsewhere.example", name="Gesa Gast", role=Role.MEMBER)
    with firm.work(), platform_work() as session:
        invitation, _ = invitations.invite(session, guest)
    return {"invitation_id": invitation.id}


def _notification(firm: Firm) -> Arguments:
    told = Notification(
        id=new_id(),
        key="a complaint",
        user_id=firm.owner_id,
        rule="new-complaint",
        event=Event.CREATED,
        subject="complaint",
        record_id=_complaint(firm)["record_id"],
        title="R-2026-0001 The pump leaks.",
        at=clock.now(),
    )
    with firm.work() as session:
        session.add(told)
    return {"notification_id": told.id}


def _failed_mail(firm: Firm) -> Arguments:
    failed = Delivery(id=new_id(), key="a failed mail", channel=Channel.MAIL, state=DeliveryState.DEAD)
    with firm.work() as session:
        session.add(failed)
    return {"mail_id": failed.id}


def _rule(firm: Firm) -> Arguments:
    rule = {"subject": "complaint", "events": ["created"], "to": ["role:admin"]}
    with firm.work():
        return {"rule_id": escalation.add_rule(name="Urgent", definition=rules.parse(rule), active=True)}


def _deleted_rule(firm: Firm) -> Arguments:
    made = _rule(firm)
    firm.client().post(f"{firm.url}/rules/{made['rule_id']}/delete")
    return made


def _token(firm: Firm) -> Arguments:
    with firm.app.app_context():
        return {"token_id": tokens.make(firm.owner_id, Wish(name="Shop", scopes=["*"]))[0].id}


def _import_that_is_over(firm: Firm) -> Arguments:
    import_id = lists.draft(firm, "Nachname;Firma\r\nMeier;Hafen\r\n")
    lists.launch(firm, import_id)
    lists.work_off(firm)
    return {"import_id": import_id}


def _webhook(firm: Firm) -> Arguments:
    with firm.work():
        wish = Wanted(name="Shop", address=HOOK, kinds=["contact"], events=["created"])
        return {"webhook_id": webhooks.add(wish)[0].id}


def _webhook_message(firm: Firm) -> Arguments:
    made = _webhook(firm)
    with firm.work() as session:
        webhooks.send_test(webhook_queries.webhook(made["webhook_id"]), at=clock.now())
        return {"delivery_id": session.query(Delivery.id).scalar()}


def _webhook_switched_off(firm: Firm) -> Arguments:
    made = _webhook(firm)
    firm.client().post(f"{firm.url}/webhooks/{made['webhook_id']}/off")
    return made


def _dead_letter(firm: Firm) -> Arguments:
    with firm.work() as session:
        row = Job(name="app.exports.jobs.write", arguments={}, actor=None, state=JobState.FAILED, attempts=5)
        session.add(row)
        session.flush()
        return {"kind": "job", "letter_id": row.id}


HOOK = "http://127.0.0.1:9/hook"
"""Nobody is there."""

SAMPLES: dict[tuple[str, ...], Callable[[Firm], Arguments]] = {
    ("activities", "activity_id"): _activity,
    ("activities", "activity_id", "entity", "record_id"): _linked_activity,
    ("attachments", "attachment_id"): _attachment,
    ("attachments", "entity", "record_id"): _some_record,
    ("activities", "entity", "record_id"): _some_record,
    ("activities", "mention_id"): _mention,
    ("affiliations", "affiliation_id"): _affiliation,
    ("affiliations", "record_id"): _contact,
    ("companies", "record_id"): _company,
    ("complaints", "record_id"): _complaint,
    ("contacts", "record_id"): _contact,
    ("deadletters", "kind", "letter_id"): _dead_letter,
    ("exports", "export_id"): _export,
    ("following", "entity", "record_id"): _some_record,
    ("imports", "import_id"): _import,
    ("notifications", "notification_id"): _notification,
    ("mails", "mail_id"): _failed_mail,
    ("recyclebin", "entity", "record_id"): _deleted_record,
    ("timeline", "record_id"): _contact,
    ("users", "user_id"): _user,
    ("duties", "user_id"): _user,
    ("users", "invitation_id"): _invitation,
    ("tokens", "token_id"): _token,
    ("tasks", "task_id"): _task,
    ("rules", "rule_id"): _rule,
    ("selection", "change_id"): _bulk_change,
    ("tags", "entity", "record_id"): _some_record,
    ("tags", "entity", "record_id", "tag_id"): _tagged_record,
    ("tags", "tag_id"): _tag,
    ("views", "view_id"): _view,
    ("webhooks", "webhook_id"): _webhook,
    ("webhooks", "delivery_id"): _webhook_message,
}
"""(blueprint, names of the arguments in alphabetical order) -> makes a fresh record of the firm and names it."""

STAGES: dict[str, Callable[[Firm], Arguments]] = {
    "imports.undo": _import_that_is_over,
    "complaints.reopen": _stage("settle"),
    "views.restore": _deleted_view,
    "rules.restore": _deleted_rule,
    "webhooks.switch_on": _webhook_switched_off,
    "complaints.withdraw": _stage("acknowledge"),
    "api.complaints_acknowledgement_undo": _stage("acknowledge"),
    "api.complaints_settlement_undo": _stage("settle"),
}
"""endpoint -> what it needs to begin with, where a fresh record will not do."""

TYPED: dict[str, Mapping[str, Any]] = {
    "activities.capture": {"kind": "call", "text": "Called."},
    "activities.save": {"text": "Called twice."},
    "affiliations.create": {"company": "Hafen & Söhne KG"},
    "affiliations.move": {"company": "Werft AG", "role": "Leitung", "on": "2026-01-01"},
    "attachments.attach": {"file": lambda: (io.BytesIO(picture()), "pump.png")},
    "companies.create": {"name": "Hafen & Söhne KG"},
    "complaints.create": {"what": "The pump leaks."},
    "complaints.settle": {"settled_how": "A new pump is on its way."},
    "contacts.create": {"family_name": "Müller"},
    "tasks.create": {"text": "Send a sample."},
    "tasks.enter": {"text": "Send a sample."},
    "tasks.save": {"text": "Send two samples."},
    "imports.choose": {"column": ["family_name", "company"]},
    "imports.launch": {"column": ["family_name", "company"]},
    "imports.upload": {"entity": "contact", "rows": "Nachname\r\nMeier\r\n"},
    "users.invite": {"email": "guest@elsewhere.example", "name": "Gesa Gast", "role": "member"},
    "rules.create": {"subject": "complaint", "name": "Urgent", "events": "created", "to": "role:admin"},
    "exports.create": {"entity": "contact", "query": "", "format": "csv"},
    "selection.act": selecting.sent("selection.delete", []),
    "tokens.create": {"name": "Shop", "days": "30", "scope": ["contacts.read"]},
    "webhooks.create": {"name": "Shop", "address": HOOK, "kinds": ["contact"], "events": ["created"]},
    "webhooks.save": {"name": "Shop 2", "address": HOOK, "kinds": ["company"], "events": ["deleted"]},
    "tags.add": {"name": "Kunde"},
    "tags.rename": {"name": "Stammkunde"},
    "views.keep": {"name": "Kieler", "query": "q=Kiel"},
    "views.save": {"name": "Aus Kiel"},
    "views.replace": {"query": "q=Husum"},
    "views.choose_columns": {"order": "city", "shown": "city", "do": "save"},
}
"""What a person types into the form of an endpoint, beside what its page already holds; a file is opened anew."""


PERSONAL = {"notifications.show", "notifications.records", "api.notifications_show", "api.notifications_read"}
"""endpoints of what one user is told: for everybody else of the firm it is not there."""

PAGES = {"tags.rename": "tags"}
"""endpoint -> where its form stands, when it has no page of its own."""


def _about_contact(firm: Firm) -> Arguments:
    return {"about": [{"type": "contact", "id": str(add_contact(firm))}]}


ENTERED: dict[str, Callable[[Firm], Arguments]] = {
    "activities": _about_contact,
    "affiliations": lambda firm: {"contact_id": str(add_contact(firm)), "until": None},
    "tasks": _about_contact,
}
"""collection -> what of a resource's own example names other records."""


def arguments(route: Route, firm: Firm) -> Arguments:
    """Raises AssertionError with a sentence where a new route has no sample yet."""
    if not route.arguments:
        return {}
    if route.by_token:
        beside = {"other_id": _tag(firm)["tag_id"]} if "other_id" in route.arguments else {}
        return {"record_id": next(iter(_record(route, firm).values())), **beside}
    make = STAGES.get(route.endpoint) or SAMPLES.get((route.room, *route.arguments))
    assert make, f"{route} has no sample: add {(route.room, *route.arguments)} to SAMPLES in tests/house/samples.py."
    return make(firm)


def _record(route: Route, firm: Firm) -> Arguments:
    """Of a collection for programs: the first record that a room of the same name has on its pages."""
    own = {key: make for key, make in SAMPLES.items() if key[0] == route.collection and len(key) == 2}
    make = STAGES.get(route.endpoint) or next(iter(own.values()), None)
    assert make, f"{route} has no sample: add one of the room {route.collection!r} to SAMPLES."
    return make(firm)


def body(route: Route, firm: Firm) -> Mapping[str, Any] | None:
    """What a program would send: the example of the description."""
    if route.method in {"GET", "DELETE"}:
        return None
    resource = next((r for feature in features for r in feature.resources if r.name == route.collection), None)
    if resource is None:
        return {}
    if route.method == "PUT":
        return next((deed.example for deed in resource.deeds if route.rule.endswith(deed.name)), {})
    sent = {**resource.example, **(ENTERED.get(route.collection, lambda _firm: {})(firm) if resource.create else {})}
    if route.method == "POST":
        return {name: value for name, value in sent.items() if value is not None}
    assert resource.changed
    return {name: value for name, value in sent.items() if name in resource.changed._declared_fields}


def address(route: Route, slug: str, values: Arguments) -> str:
    url = route.rule.replace("<slug:slug>", slug)
    for name, value in values.items():
        converter = "uuid:" if isinstance(value, UUID) else ""
        url = url.replace(f"<{converter}{name}>", str(value))
    assert "<" not in url, f"{route}: the sample does not fill {url}"
    return url


def page_of(route: Route, firm: Firm, url: str) -> str:
    """Where the form stands that is sent to an address."""
    return f"{firm.url}/{PAGES[route.endpoint]}" if route.endpoint in PAGES else url


def form(route: Route, firm: Firm, url: str) -> Mapping[str, Any]:
    """What the owner's browser would send."""
    if route.by_token:
        return body(route, firm) or {}
    if route.method == "GET":
        return {}
    page = firm.client().get(page_of(route, firm, url), buffered=True)
    shown = form_values(page.text) if page.status_code == 200 else {}
    typed = {name: value() if callable(value) else value for name, value in TYPED.get(route.endpoint, {}).items()}
    return {**shown, **typed}
