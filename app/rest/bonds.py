"""The addresses of what hangs on records: ``/contacts/<id>/tags`` and ``/contacts/<id>/tags/<id of the tag>``."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from app.core import access, records
from app.core.entities import EntityType
from app.core.resources import Bond, Resource
from app.rest import answers
from app.rest.interface import Interface, Told
from app.rest.routes import page_of


def add(bp: Interface, owner: Resource, bond: Bond) -> None:
    if owner.entity is not None:
        _list(bp, owner, owner.entity, bond)
        _put(bp, owner, owner.entity, bond)
        _take(bp, owner, owner.entity, bond)


def _list(bp: Interface, owner: Resource, entity: EntityType, bond: Bond) -> None:
    told = Told(summary=bond.resource.label, answer=page_of(bond.resource))

    @bp.get(
        _address(owner, bond),
        allow=bond.resource.may("read"),
        endpoint=f"{owner.name}_{bond.resource.name}",
        tags=[owner.name],
        told=told,
    )
    def view(record_id: UUID) -> ResponseReturnValue:
        access.require(entity.may("read"))
        records.load(entity.model, record_id)
        return answers.all_of(bond.resource, bond.hanging(record_id))


def _put(bp: Interface, owner: Resource, entity: EntityType, bond: Bond) -> None:
    told = Told(summary=_l("Add: %(what)s", what=bond.resource.label), status=HTTPStatus.NO_CONTENT)

    @bp.put(
        f"{_address(owner, bond)}/<uuid:other_id>",
        allow=bond.resource.may("write"),
        endpoint=f"{owner.name}_{bond.resource.name}_put",
        tags=[owner.name],
        told=told,
    )
    def view(record_id: UUID, other_id: UUID) -> ResponseReturnValue:
        access.require(entity.may("write"))
        records.load(entity.model, record_id)
        bond.put(entity, record_id, other_id)
        return answers.nothing()


def _take(bp: Interface, owner: Resource, entity: EntityType, bond: Bond) -> None:
    told = Told(summary=_l("Take off: %(what)s", what=bond.resource.label), status=HTTPStatus.NO_CONTENT)

    @bp.delete(
        f"{_address(owner, bond)}/<uuid:other_id>",
        allow=bond.resource.may("write"),
        endpoint=f"{owner.name}_{bond.resource.name}_take",
        tags=[owner.name],
        told=told,
    )
    def view(record_id: UUID, other_id: UUID) -> ResponseReturnValue:
        access.require(entity.may("write"))
        records.load(entity.model, record_id)
        bond.take(entity, record_id, other_id)
        return answers.nothing()


def _address(owner: Resource, bond: Bond) -> str:
    return f"/{owner.name}/<uuid:record_id>/{bond.resource.name}"
