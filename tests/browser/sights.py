"""An address for every page there is. A new page without one fails a test."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.browser.house import ROOT, Login
from tests.browser.lists import another_customer_list
from tests.browser.visitor import Visitor

NO_PAGES = frozenset(
    {
        "static",
        "health.alive",
        "timeline.meanwhile",
        "notifications.bell",
        "notifications.show",
        "health.ready",
        "health.metrics",
        "imports.refused_rows",
        "complaints.suggest",
        "companies.suggest",
        "activities.people",
        "firm.logo",
        "attachments.download",
        "attachments.view",
        "attachments.preview",
        "exports.download",
        "views.narrow",
        "login.start",
        "login.choose",
        "reference.openapi",
        "notifications.records",
        "second_factor.ask",
        "authenticators.codes",
        "operator_factors.ask",
        "operator_factors.add",
        "operator_factors.codes",
    }
)
"""Files, JSON, and addresses that only lead to another one. What a notification of many tells of needs somebody else
who did it, and is looked at in test_forwarded; what a log-in asks for is looked at in test_second_factor.
"""

ROOMS = {
    "home.show": "/{slug}/",
    "contacts.index": "/{slug}/contacts",
    "contacts.index-sorted": "/{slug}/contacts?q=er&sort=recent&reach=phone",
    "contacts.index-nothing": "/{slug}/contacts?q=zzzzz",
    "contacts.show": "/{slug}/contacts/{contact}",
    "contacts.show-changes": "/{slug}/contacts/{contact}?show=timeline",
    "contacts.new": "/{slug}/contacts/new",
    "contacts.edit": "/{slug}/contacts/{contact}/edit",
    "companies.index": "/{slug}/companies",
    "companies.show": "/{slug}/companies/{company}",
    "companies.new": "/{slug}/companies/new",
    "companies.edit": "/{slug}/companies/{company}/edit",
    "complaints.index": "/{slug}/complaints",
    "complaints.index-nothing": "/{slug}/complaints?q=zzzzz",
    "complaints.show": "/{slug}/complaints/{complaint}",
    "complaints.new": "/{slug}/complaints/new",
    "complaints.edit": "/{slug}/complaints/{complaint}/edit",
    "complaints.ask_how": "/{slug}/complaints/{complaint}/settle",
    "affiliations.new": "/{slug}/contacts/{contact}/affiliations/new",
    "affiliations.edit": "/{slug}/affiliations/{affiliation}/edit",
    "affiliations.moving": "/{slug}/affiliations/{affiliation}/move",
    "activities.edit": "/{slug}/activities/{activity}/edit",
    "activities.links": "/{slug}/activities/{activity}/links?q=er",
    "activities.mentions": "/{slug}/mentions",
    "timeline.followed": "/{slug}/follows",
    "notifications.index": "/{slug}/notifications",
    "tasks.index": "/{slug}/tasks",
    "tasks.index-done": "/{slug}/tasks?state=done&who=all",
    "tasks.new": "/{slug}/tasks/new",
    "tasks.edit": "/{slug}/tasks/{task}/edit",
    "imports.index": "/{slug}/imports",
    "imports.start": "/{slug}/imports/new",
    "imports.show": "/{slug}/imports/{report}",
    "imports.show-columns": "/{slug}/imports/{draft}",
    "search.find": "/{slug}/search?q=er",
    "search.find-nothing": "/{slug}/search",
    "recyclebin.index": "/{slug}/recycle-bin",
    "subscription.usage": "/{slug}/usage",
    "firm.show": "/{slug}/settings",
    "hours.show": "/{slug}/business-hours",
    "rules.index": "/{slug}/rules",
    "rules.new": "/{slug}/rules/new",
    "rules.new-complaint": "/{slug}/rules/new?subject=complaint",
    "rules.show": "/{slug}/rules/{rule}",
    "rules.show-tried": "/{slug}/rules/{rule}?trial=all",
    "rules.edit": "/{slug}/rules/{rule}/edit",
    "operator.acts": "/{slug}/operator",
    "users.index": "/{slug}/users",
    "users.new": "/{slug}/users/invite",
    "users.show": "/{slug}/users/{user}",
    "users.role": "/{slug}/users/{user}/role",
    "users.leaving": "/{slug}/users/{user}/deactivate",
    "profile.show": "/{slug}/profile",
    "own_profile.edit": "/profile/edit?next=/{slug}/profile",
    "own_profile.password": "/profile/password?next=/{slug}/profile",
    "own_profile.email": "/profile/email?next=/{slug}/profile",
    "authenticators.show": "/profile/second-factor?next=/{slug}/profile",
    "authenticators.add_app": "/profile/second-factor/app?next=/{slug}/profile",
    "authenticators.add_passkey": "/profile/second-factor/passkey?next=/{slug}/profile",
    "proving.prove": "/prove?next=/{slug}/profile",
    "duties.show": "/{slug}/users/second-factor",
    "email_links.confirm": "/profile/email/{address}",
    "email_links.stop": "/profile/email/stop/{stop}",
    "invitations.show": "/invitation/{invitation}",
    "exports.index": "/{slug}/exports",
    "exports.start": "/{slug}/exports/new?q=er&entity=contact",
    "exports.show": "/{slug}/exports/{export}",
    "tags.index": "/{slug}/tags",
    "views.columns": "/{slug}/lists/columns?entity=contact",
    "views.edit": "/{slug}/views/{view}/edit",
    "tokens.index": "/{slug}/tokens",
    "tokens.new": "/{slug}/tokens/new",
    "deadletters.index": "/{slug}/dead-letters",
    "mails.index": "/{slug}/mails",
    "webhooks.index": "/{slug}/webhooks",
    "webhooks.new": "/{slug}/webhooks/new",
    "webhooks.show": "/{slug}/webhooks/{webhook}",
    "webhooks.edit": "/{slug}/webhooks/{webhook}/edit",
    "selection.index": "/{slug}/selection",
    "selection.show": "/{slug}/selection/{bulk}",
}
DOORS = {
    "login.log_in": "/login",
    "passwords.forgotten": "/password/forgotten",
    "passwords.sent": "/password/sent",
    "passwords.new_password": "/password/new/{reset}",
    "passwords.done": "/password/set",
    "signup.sign_up": "/signup",
    "signup.sent": "/signup/sent",
    "signup.confirm": "/signup/confirm/{confirmation}",
    "mailbox.index": "/mailbox",
    "mailbox.show": "/mailbox/{mail}",
    "reference.show": "/api-reference",
    "operators.log_in": "/operator/login",
}
CONSOLE = {
    "console.tenants": "/operator",
    "console.tenants-nothing": "/operator?q=zzzzz",
    "console.tenant": "/operator/tenants/{tenant}",
    "console.dead_letters": "/operator/tenants/{tenant}/dead-letters",
    "console.queues": "/operator/queues",
    "console.failures": "/operator/errors",
    "console.audit": "/operator/audit",
    "console.logins": "/operator/logins",
}

_FOR_PROGRAMS = "api."
_ENDPOINTS = """
import json
from app.factory import create_app
print(json.dumps([rule.endpoint for rule in create_app().url_map.iter_rules() if "GET" in rule.methods]))
"""
# The URL map needs no database; the settings only have to be there.
_SETTINGS = {
    "DATABASE_URL": "postgresql://kontor_platform@localhost/nothing",
    "CELL_URL": "postgresql://kontor_app_main@localhost/nothing",
    "REDIS_URL": "redis://localhost",
    "SECRET_KEY": "a secret for nobody of the length that is asked for",
    "KONTOR_EMBEDDED": "1",
}


def endpoints() -> set[str]:
    """Of everything that answers to the GET of a browser."""
    command = [sys.executable, "-c", _ENDPOINTS]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | _SETTINGS, check=True, capture_output=True, text=True)
    return {name for name in json.loads(done.stdout.splitlines()[-1]) if not name.startswith(_FOR_PROGRAMS)}


def rooms(visitor: Visitor, login: Login) -> dict[str, str]:
    """Address by page of a firm, for somebody who is logged in there."""
    root = f"/{login.slug}"
    known = {
        "slug": login.slug,
        "contact": _first(visitor, f"{root}/contacts?q=", "main [data-row]"),
        "company": _first(visitor, f"{root}/companies", "main [data-row]"),
        "invitation": _invitation(visitor, root),
        "user": _first(visitor, f"{root}/users", "main [data-row]"),
        "rule": _first(visitor, f"{root}/rules", ".rule-row:nth-child(2) .rule-name"),
        "address": _new_address(visitor, login),
        "stop": _mail(visitor, login.email, "/profile/email/stop/")[0],
        "webhook": _webhook(visitor, root),
        "complaint": _complain(visitor, root),
        "draft": _import(visitor, root),
        "report": _import(visitor, root),
    }
    visitor.page.locator(".import-foot .button-primary").click()
    visitor.sees("What came of it")
    _fill_the_bin(visitor, root)
    known["bulk"] = _change_many(visitor, root)
    known["export"] = _export(visitor, root)
    known["view"] = _view(visitor, root)
    known["contact"] = _first(visitor, f"{root}/", ".timeline-actions a")
    employed = _first(visitor, f"{root}/companies/{known['company']}", '.record-side a[href*="/contacts/"]')
    link = '.record-side a[href*="/affiliations/"]'
    known["affiliation"] = _first(visitor, f"{root}/contacts/{employed}", link, -2)
    known["activity"] = _first(
        visitor, f"{root}/contacts/{known['contact']}", '.timeline-actions a[href*="/activities/"]', -2
    )
    known["task"] = _task(visitor, root)
    return {name: path.format_map(known) for name, path in ROOMS.items()}


def doors(visitor: Visitor, login: Login) -> dict[str, str]:
    """Address by page outside, once somebody has signed up and somebody has forgotten a password."""
    visitor.open("/password/forgotten")
    visitor.fill(email=login.email)
    visitor.submit()
    reset, _ = _mail(visitor, login.email, "/password/new/")
    visitor.open("/signup")
    email = f"new@{login.slug}-neighbour.example"
    visitor.fill(firm=f"Neighbour of {login.slug}", name="Nora New", email=email)
    visitor.submit()
    confirmation, mail = _mail(visitor, email, "/signup/confirm/")
    known = {"reset": reset, "confirmation": confirmation, "mail": mail}
    return {name: path.format_map(known) for name, path in DOORS.items()}


def console(visitor: Visitor) -> dict[str, str]:
    """Address by page of the console, for an operator who is logged in there."""
    known = {"tenant": _first(visitor, "/operator?q=nordlicht", "main [data-row]")}
    return {name: path.format_map(known) for name, path in CONSOLE.items()}


def _first(visitor: Visitor, path: str, link: str, part: int = -1) -> str:
    """The id in the address of the first such link of a page."""
    visitor.open(path)
    return str(visitor.page.locator(link).first.get_attribute("href")).split("/")[part]


def _import(visitor: Visitor, root: str) -> str:
    visitor.open(f"{root}/imports/new")
    file = {"name": "Kundenliste 2026.csv", "mimeType": "text/csv", "buffer": another_customer_list()}
    visitor.page.locator('input[type="file"]').set_input_files(file)
    visitor.submit()
    visitor.sees("Which column is what?")
    return visitor.page.url.rpartition("/")[2]


def _webhook(visitor: Visitor, root: str) -> str:
    """It asks for what does not happen here: nothing leaves the house."""
    visitor.open(f"{root}/webhooks/new")
    visitor.fill(name="Buchhaltung", address="https://8.8.8.8/hook")
    visitor.page.locator('[value="mention"]').check()
    for event in ("created", "changed"):
        visitor.page.locator(f'[value="{event}"]').uncheck()
    visitor.submit()
    return _first(visitor, f"{root}/webhooks", ".plain-row a", -1)


def _task(visitor: Visitor, root: str) -> str:
    visitor.open(f"{root}/tasks")
    visitor.page.locator("[data-capture] textarea").fill("Muster schicken")
    visitor.page.locator("[data-capture] .button-primary").click()
    return _first(visitor, f"{root}/tasks", ".task-text a[data-row]", -2)


def _complain(visitor: Visitor, root: str) -> str:
    visitor.open(f"{root}/complaints/new")
    visitor.fill(what="The glass of the front door is scratched")
    visitor.submit()
    visitor.sees("The complaint is saved.")
    return visitor.page.url.rpartition("/")[2]


def _invitation(visitor: Visitor, root: str) -> str:
    visitor.open(f"{root}/users/invite")
    email = f"guest@{root[1:]}-neighbour.example"
    visitor.fill(name="Gesa Gast", email=email)
    visitor.submit()
    token, _ = _mail(visitor, email, "/invitation/")
    return token


def _new_address(visitor: Visitor, login: Login) -> str:
    visitor.open(f"/profile/email?next=/{login.slug}/profile")
    email = f"other@{login.slug}-neighbour.example"
    visitor.fill(email=email, present=login.password)
    visitor.submit()
    token, _ = _mail(visitor, email, "/profile/email/")
    return token


def _fill_the_bin(visitor: Visitor, root: str) -> None:
    visitor.open(f"{root}/contacts/new")
    visitor.fill(given_name="Paula", family_name="Papierkorb")
    visitor.submit()
    visitor.page.locator(".top-bar details.menu summary").click()
    visitor.press("Delete")
    visitor.sees("The contact is in the recycle bin.")


def _change_many(visitor: Visitor, root: str) -> str:
    """The id of what was done with two rows of a list."""
    visitor.open(f"{root}/companies")
    for box in visitor.page.locator('.row-check input[name="id"]').all()[:2]:
        box.check()
    visitor.page.locator('.selection-bar [name="tag"]').fill("Messe")
    visitor.press("Add tag")
    return _first(visitor, f"{root}/selection", ".plain-row a")


def _export(visitor: Visitor, root: str) -> str:
    visitor.open(f"{root}/exports/new?entity=contact")
    with visitor.page.expect_download():
        visitor.page.locator('[name="format"][value="xlsx"]').click()
    return _first(visitor, f"{root}/exports", ".plain-row a")


def _view(visitor: Visitor, root: str) -> str:
    """The id of a view that somebody has just saved."""
    visitor.open(f"{root}/companies?view=all&sort=-name")
    visitor.page.locator(".view-menu summary").click()
    visitor.page.locator('.view-menu [name="name"]').fill("Rückwärts")
    visitor.press("Save view")
    address = visitor.page.locator('.view-menu a[href*="/views/"]').get_attribute("href")
    return str(address).split("/")[-2]


def _mail(visitor: Visitor, email: str, link: str) -> tuple[str, str]:
    """The token in the newest mail to somebody, and the mail's id."""
    visitor.open("/mailbox")
    visitor.page.locator("a.card").filter(has_text=email).first.click()
    address = visitor.page.locator(f'a[href*="{link}"]').get_attribute("href")
    return str(address).rpartition("/")[2], visitor.page.url.rpartition("/")[2]
