from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import String, cast

from app.contactpoints.forms import KINDS
from app.contactpoints.models import ContactPoint, PointKind
from app.contactpoints.queries import places_of, reach_beside, reachable_by, reaches_of
from app.core.criteria import Criterion
from app.core.entities import Column, Extension, Filter, Part
from app.core.features import Feature


def _extension(entity: str, owner: str) -> Extension:
    return Extension(
        on=frozenset({entity}),
        columns=(
            Column(name="email", label=_l("E-mail")),
            Column(name="phone", label=_l("Phone")),
            Column(name="city", label=_l("City")),
        ),
        beside=reach_beside(entity),
        filters=(_reach(entity),),
        criteria=(
            Criterion(name="email", label=_l("E-mail"), several=reaches_of(entity, PointKind.EMAIL)),
            Criterion(name="phone", label=_l("Phone"), several=reaches_of(entity, PointKind.PHONE)),
            Criterion(name="web", label=_l("Website"), several=reaches_of(entity, PointKind.WEB)),
            Criterion(name="city", label=_l("City"), several=places_of(entity, ContactPoint.city)),
            Criterion(name="postal_code", label=_l("Postcode"), several=places_of(entity, ContactPoint.postal_code)),
        ),
        parts=(_point(owner),),
    )


def _reach(entity: str) -> Filter:
    return Filter(
        name="reach",
        label=_l("All ways to reach"),
        options=tuple((kind.value, label) for kind, label in KINDS),
        where=lambda model, kind: reachable_by(entity, model, PointKind(kind)),
    )


def _point(owner: str) -> Part:
    return Part(
        model=ContactPoint,
        owner=owner,
        collection="points",
        label=lambda kind: dict(KINDS)[PointKind(kind)],
        kind=cast(ContactPoint.kind, String),
        name=ContactPoint.value,  # type: ignore[arg-type]
        column="value",
    )


FEATURE = Feature(
    name="contactpoints",
    extensions=(_extension("contact", "contact_id"), _extension("company", "company_id")),
)
