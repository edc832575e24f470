from __future__ import annotations

from flask_babel import lazy_gettext as _l
from marshmallow import fields

from app.core.resources import Reading, RecordSchema, Resource
from app.users.models import User


class UserSchema(RecordSchema):
    name = fields.String()
    email = fields.String()
    role = fields.String()
    active = fields.Boolean()


RESOURCE = Resource(
    name="users",
    one="User",
    label=_l("Users"),
    model=User,
    permission="users",
    shown=UserSchema,
    read=Reading(User, User.name, User.email, User.role, User.active),
)
