"""The address of a firm, the "acme" of "/acme/contacts": made from its name, free, and not one of our own."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import keys, web
from app.core.web import SlugConverter
from tenants.errors import Conflict, Invalid
from tenants.models import Tenant
from tenants.provisioning import SlugTaken

_LONGEST = 40
_FIT = re.compile(SlugConverter.regex)
_UNNAMEABLE = "firma"


class MalformedSlug(Invalid):
    """An address has 2 to 40 small letters, digits and single hyphens between them."""

    code = "malformed_slug"


class SlugReserved(Conflict):
    """This address is used by Kontor itself; please choose another one."""

    code = "slug_reserved"


def check(session: Session, slug: str) -> None:
    """Raises MalformedSlug, SlugReserved, SlugTaken."""
    if not _FIT.fullmatch(slug):
        raise MalformedSlug
    if slug in reserved():
        raise SlugReserved
    if _taken(session, slug):
        raise SlugTaken


def proposed(firm: str) -> str:
    """The firm's name as an address, taken or not: "Müller & Söhne GmbH" -> "mueller-soehne-gmbh"."""
    slug = re.sub(r"[^a-z0-9]+", "-", keys.plain(firm)).strip("-")[:_LONGEST].strip("-")
    return slug if _FIT.fullmatch(slug) else _UNNAMEABLE


def free(session: Session, wanted: str) -> str:
    """The wanted address, or the next one with a number that nobody has."""
    kept = reserved()
    return next(slug for slug in variants(wanted) if slug not in kept and not _taken(session, slug))


def reserved() -> frozenset[str]:
    return web.reserved_slugs(flask.current_app)


def variants(wanted: str) -> Iterator[str]:
    """acme, acme-2, acme-3 ..."""
    yield wanted
    for number in itertools.count(2):
        ending = f"-{number}"
        yield wanted[: _LONGEST - len(ending)].rstrip("-") + ending


def _taken(session: Session, slug: str) -> bool:
    return session.scalar(select(Tenant.id).where(Tenant.slug == slug)) is not None
