"""Addresses of many records at once."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import current_app, url_for

from app.core import conditions
from app.core.conditions import Condition, Operator, Test
from app.core.entities import EntityType
from config.settings import settings
from tenants.context import current_scope

_ANY = UUID(int=0)


def outside(endpoint: str, **values: object) -> str:
    """The whole address of a page of the current tenant, for mails; also where there is no request."""
    adapter = current_app.url_map.bind("")
    return settings().public_url + adapter.build(endpoint, {"slug": current_scope().slug, **values})


def record_urls(entity: EntityType) -> Callable[[UUID], str]:
    """From an id to the record's page."""
    return urls(entity.endpoint, "record_id")


def narrowed_list(endpoint: str, *, criterion: str, value: str) -> str:
    """A list of only those of which the criterion is exactly this."""
    only = Condition(((Test(criterion, Operator.IS, (value,)),),))
    return url_for(endpoint, where=conditions.written(only))


def urls(endpoint: str, argument: str) -> Callable[[UUID], str]:
    """From an id to its address. Building one costs as much as reading a row, so it is built once."""
    before, _, behind = url_for(endpoint, **{argument: _ANY}).partition(str(_ANY))  # type: ignore[arg-type]
    return lambda one_id: f"{before}{one_id}{behind}"
