"""Addresses of many records at once."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import url_for

from app.core.entities import EntityType

_ANY = UUID(int=0)


def record_urls(entity: EntityType) -> Callable[[UUID], str]:
    """From an id to the record's page."""
    return urls(entity.endpoint, "record_id")


def urls(endpoint: str, argument: str) -> Callable[[UUID], str]:
    """From an id to its address. Building one costs as much as reading a row, so it is built once."""
    before, _, behind = url_for(endpoint, **{argument: _ANY}).partition(str(_ANY))  # type: ignore[arg-type]
    return lambda one_id: f"{before}{one_id}{behind}"
