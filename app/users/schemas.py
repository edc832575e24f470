from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.fields import Field, FieldKind, Text, schema_of
from tenants.models import Role

ROLES: tuple[tuple[Role, Text, Text], ...] = (
    (Role.OWNER, _l("Owner"), _l("May do everything, and decides who owns the account.")),
    (Role.ADMIN, _l("Administrator"), _l("May do everything, users included, but cannot decide about owners.")),
    (Role.MEMBER, _l("Member"), _l("Enters, changes and deletes what the firm works with.")),
    (Role.READER, _l("Read-only"), _l("Sees everything and changes nothing.")),
)
"""(role, what it is called, what it may)"""

NAME = Field(name="name", label=_l("Name"), required=True, limit=120)
EMAIL = Field(name="email", label=_l("E-mail"), kind=FieldKind.EMAIL, required=True, limit=254)
ROLE = Field(
    name="role",
    label=_l("Role in the firm"),
    kind=FieldKind.CHOICE,
    required=True,
    options=tuple((role.value, label) for role, label, _ in ROLES),
)

INVITATION = schema_of((NAME, EMAIL, ROLE))
ROLE_CHANGE = schema_of((ROLE,))
OWN_NAME = schema_of((NAME,))


def role_label(role: Role) -> str:
    return next(str(label) for one, label, _ in ROLES if one is role)
