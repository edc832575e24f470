"""The command line ``kontor``: what an operator does by hand, and the doors of worker and scheduler."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from app import backups, operator_accounts, processes
from app.core.features import features
from app.demo import actions as demo_firms
from app.factory import create_app
from app.operators import commands
from app.signup import actions as signup
from app.signup import telling as accounts
from app.signup.actions import Wish
from app.signup.queries import Opened
from app.subscription import telling as usage
from app.terminal import is_json, json_option, progress, say, typed_password
from config.settings import SettingsRefused, settings
from tenants import clock, fleet, identities, provisioning, registry, tokens
from tenants.doctor import examination, report
from tenants.doctor.findings import Finding, wrong
from tenants.errors import Refusal
from tenants.fleet import MigrationFailed


class _Refusing(click.Group):
    """What can be expected to go wrong ends in one sentence and the code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (Refusal, SettingsRefused, MigrationFailed) as refusal:
            raise click.ClickException(str(refusal)) from refusal
        except OperationalError as error:
            sentence = str(error).strip().splitlines()[0]
            raise click.ClickException(f"The database does not answer: {sentence}") from error


@click.group(cls=_Refusing)
def main() -> None:
    """Kontor, the online CRM."""


for process in (*processes.COMMANDS, *backups.COMMANDS, operator_accounts.operator_accounts, operator_accounts.people):
    main.add_command(process)


@main.command()
@json_option
def migrate() -> None:
    """Bring the database up to date and prepare schemas for the next sign-ups."""
    migrated = len(fleet.migrate(tell=progress).migrated)
    made = provisioning.fill_stock()
    say({"migrated": migrated, "made_ready": made}, f"{migrated} accounts were migrated, {made} were made ready.")


@main.command()
@json_option
def demo() -> None:
    """Put up two invented firms to try Kontor with; only on one's own machine."""
    with create_app().app_context():
        logins = demo_firms.build(now=clock.now())
    lines = [f"{login.firm}: {login.email} / {login.password}" for login in logins]
    told = [{"tenant": login.firm, "email": login.email, "password": login.password} for login in logins]
    say({"logins": told}, "\n".join(lines))


@main.command("doctor")
@click.option("--sql", is_flag=True, help="Print only the statements that mend schemas, for psql.")
@json_option
def see_doctor(sql: bool) -> None:
    """Check every part, and say of what is wrong how to mend it; ends with 1 then."""
    findings = list(_findings())
    if sql:
        click.echo(report.sql(findings))
        return
    say(report.data(findings), report.text(findings))
    if not report.healthy(findings):
        click.get_current_context().exit(1)


def _findings() -> Iterator[Finding]:
    try:
        settings()
    except SettingsRefused as refused:
        yield wrong("settings", str(refused), remedy="Set it in the environment of every process, then ask again.")
        return
    with create_app().app_context():
        yield from examination.examine()


@main.group()
def tenants() -> None:
    """The firms that work here."""


for command in backups.OF_TENANTS:
    tenants.add_command(command)


@tenants.command()
@click.argument("slug")
@click.option("--name", required=True, help="Name of the firm.")
@click.option("--owner", required=True, help="E-mail of the person who owns it.")
@click.option("--password", required=True, help="Password of a new owner; - reads it from the input.")
@click.option("--locale", type=click.Choice(["de", "en"]), default="de", show_default=True)
@json_option
def create(slug: str, name: str, owner: str, password: str, locale: str) -> None:
    """Open an account at the address SLUG."""
    email = identities.normal_email(owner)
    typed = typed_password() if password == "-" else password
    wish = Wish(
        firm=name,
        slug=slug,
        name=accounts.name_in(email),
        email=email,
        password_hash=identities.hash_password(typed, known=[name, slug, email]),
        locale=locale,
    )
    with create_app().app_context():
        opened = signup.create(wish)
        token = _token(opened) if is_json() else {}
    say({**accounts.opened(opened), **token}, f"{opened.tenant.name} works at {accounts.url(opened.tenant)}")


def _token(opened: Opened) -> dict[str, str]:
    """For the program that asked: it works as the owner, and can be revoked like any other."""
    wish = tokens.Wish(name="kontor tenants create", scopes=[tokens.EVERYTHING])
    return {"token": tokens.make(opened.membership.id, wish)[1]}


@tenants.command("list")
@json_option
def list_tenants() -> None:
    """All accounts, by address."""
    with create_app().app_context():
        found = list(registry.every_tenant())
    lines = [f"{tenant.slug or '':<40}  {tenant.status:<9}  {tenant.name}" for tenant in found]
    say([accounts.listed(tenant) for tenant in found], "\n".join(lines) or "There are none yet.")


@tenants.command("suspend")
@click.argument("slug")
@click.option("--reason", required=True, help="Why; the people of the firm read it.")
@json_option
def suspend_tenant(slug: str, reason: str) -> None:
    """Let nobody work in the account at SLUG. Nothing is lost; its owners can look and export lists."""
    with create_app().app_context():
        told = commands.suspend(slug, reason=reason)
    say(told, f"{slug} is suspended.")


@tenants.command("resume")
@click.argument("slug")
@click.option("--reason", required=True, help="Why; the owners of the firm read it.")
@json_option
def resume_tenant(slug: str, reason: str) -> None:
    """Let the account at SLUG go on where it stood."""
    with create_app().app_context():
        told = commands.resume(slug, reason=reason)
    say(told, f"{slug} is open.")


@tenants.command("canary")
@click.argument("slug")
@click.argument("state", type=click.Choice(["on", "off"]))
@json_option
def choose_canary(slug: str, state: str) -> None:
    """Migrate the account at SLUG before all others, which wait until that has gone well; or no longer."""
    with create_app().app_context():
        (fleet.choose_canary if state == "on" else fleet.release_canary)(slug)
    text = f"{slug} is migrated {'first' if state == 'on' else 'with the others'}."
    say({"slug": slug, "canary": state == "on"}, text)


@main.group()
def workers() -> None:
    """Those who do the work of all tenants."""


@workers.command("status")
@json_option
def see_workers() -> None:
    """Who works at this moment, and what waits."""
    with create_app().app_context():
        told = commands.status()
    say(told, commands.text(told))


@main.command("usage")
@click.argument("slug")
@click.option("--month", help="As 2026-11; the present one if none is named.")
@json_option
def see_usage(slug: str, month: str | None) -> None:
    """What the account at SLUG has used in a month, and what that costs."""
    with create_app().app_context():
        told = usage.told(slug, month, now=clock.now())
    say(told, usage.text(told))


@main.group("tokens")
def api_tokens() -> None:
    """The tokens with which programs work in an account."""


@api_tokens.command("create")
@click.argument("slug")
@click.option("--user", required=True, help="E-mail of the user in whose name the program works.")
@click.option("--scopes", required=True, help="As contacts.read,contacts.write; * for whatever the user may do.")
@click.option("--name", default="Command line", show_default=True, help="What it is for.")
@click.option("--days", type=click.IntRange(min=1), help="How long it is valid; for ever without it.")
@json_option
def create_token(slug: str, user: str, scopes: str, name: str, days: int | None) -> None:
    """Make a token for the account at the address SLUG. It is printed once."""
    wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
    with create_app().app_context():
        unknown = set(wanted) - features.permissions() - {tokens.EVERYTHING}
        if unknown or not wanted:
            raise click.BadParameter(f"There is no scope {', '.join(sorted(unknown))!r}.", param_hint="--scopes")
        membership_id, _ = tokens.member_of(slug, user)
        expires_at = clock.now() + timedelta(days=days) if days else None
        made, shown = tokens.make(membership_id, tokens.Wish(name=name, scopes=wanted, expires_at=expires_at))
    told = {"id": str(made.id), "name": made.name, "scopes": made.scopes, "token": shown}
    say({**told, "expires_at": expires_at.isoformat() if expires_at else None}, shown)
