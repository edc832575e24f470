"""Commands for the accounts of those who run the platform."""

from __future__ import annotations

import click

from app.factory import create_app
from app.operators import commands
from app.signup import telling as accounts
from app.terminal import json_option, say, typed_password
from tenants import lost_factors, operators


@click.group("operators")
def operator_accounts() -> None:
    """Those who run the platform."""


@operator_accounts.command("create")
@click.argument("email")
@click.option("--name", help="What the audit calls them.")
@click.option("--password", help="- asks for it or reads it from the input; without it one is made, and printed once.")
@json_option
def create_operator(email: str, name: str | None, password: str | None) -> None:
    """Let somebody into the console at /operator."""
    typed = typed_password() if password == "-" else password
    with create_app().app_context():
        told = commands.create(email, name=name or accounts.name_in(email), password=typed)
    say(told, f"{told['email']} {told.get('password', '')}".rstrip())


@operator_accounts.command("password")
@click.argument("email")
@click.option("--password", help="- asks for it or reads it from the input; without it one is made, and printed once.")
@json_option
def set_operator_password(email: str, password: str | None) -> None:
    """Give an operator a new password, and log them out everywhere."""
    typed = typed_password() if password == "-" else password
    with create_app().app_context():
        told = commands.set_password(email, password=typed)
    say(told, f"{told['email']} {told.get('password', '')}".rstrip())


@operator_accounts.command("deactivate")
@click.argument("email")
@json_option
def deactivate_operator(email: str) -> None:
    """Let an operator in no more, from the next request on."""
    with create_app().app_context():
        found = operators.deactivate(email=email, by=commands.BY_HAND)
    say({"email": found.email, "active": found.active}, f"{found.email} is out.")


@operator_accounts.command("reactivate")
@click.argument("email")
@json_option
def reactivate_operator(email: str) -> None:
    """Let an operator in again, with the password that they had."""
    with create_app().app_context():
        found = operators.reactivate(email=email, by=commands.BY_HAND)
    say({"email": found.email, "active": found.active}, f"{found.email} may log in.")


@operator_accounts.command("list")
@json_option
def list_operators() -> None:
    """Whoever may come into the console, or once might."""
    with create_app().app_context():
        told = commands.everybody()
    lines = [f"{one['email']:<40}  {'active' if one['active'] else 'out':<6}  {one['name']}" for one in told]
    say(told, "\n".join(lines) or "There are none yet.")


@operator_accounts.command("remove-second-factor")
@click.argument("email")
@json_option
def remove_factor_of_operator(email: str) -> None:
    """For an operator who has lost it: they add a new one at the next log-in."""
    with create_app().app_context():
        found = lost_factors.of_operator(email, by=commands.BY_HAND)
    say({"email": found.email}, f"{found.email} adds a new second factor at the next log-in.")


@click.group("people")
def people() -> None:
    """Those who log in to firms."""


@people.command("remove-second-factor")
@click.argument("email")
@json_option
def remove_factor_of_person(email: str) -> None:
    """For somebody who has lost it and every recovery code. Make sure first that it is they who ask."""
    with create_app().app_context():
        found = commands.remove_second_factor(email)
    say({"email": found.email}, f"{found.email} logs in by the password alone, and was told so by mail.")
