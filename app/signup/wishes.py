"""From what was typed into the form to a wish, or to what is wrong with it, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from app.core import errors, forms, quoting
from app.core.forms import Errors
from app.signup import addresses
from app.signup.actions import Wish
from app.signup.addresses import MalformedSlug, SlugReserved
from app.signup.schemas import SCHEMA
from tenants import identities
from tenants.db import platform_reading
from tenants.provisioning import SlugTaken


def read() -> tuple[Wish | None, dict[str, Any], Errors]:
    """The wish, or None with everything to show the form again; all mistakes are named at once."""
    values, wrong = forms.read(SCHEMA)
    found = {name: list(texts) for name, texts in wrong.items()}
    for field in ("firm", "name"):
        if quoting.holds_link(values.get(field) or ""):
            found.setdefault(field, []).append(gettext("Please enter a name without a web address."))
    slug = _address(values, found)
    if found:
        return None, values, found
    wish = Wish(
        firm=values["firm"],
        slug=slug,
        name=values["name"],
        email=identities.normal_email(values["email"]),
        locale=values["locale"],
    )
    return wish, values, {}


def _address(values: Mapping[str, Any], wrong: dict[str, list[str]]) -> str:
    """What was asked for if it can be had; made from the firm's name if nothing was."""
    asked = (values.get("slug") or "").strip().lower()
    with platform_reading() as session:
        if not asked:
            return addresses.free(session, addresses.proposed(values.get("firm") or ""))
        try:
            addresses.check(session, asked)
        except MalformedSlug as refusal:
            wrong["slug"] = [errors.say(refusal)]
        except (SlugTaken, SlugReserved):
            proposal = addresses.free(session, addresses.proposed(asked))
            wrong["slug"] = [gettext("This address is taken. This one is free: %(slug)s", slug=proposal)]
    return asked
