from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.fields import Field, schema_of

NAME = Field(name="name", label=_l("Tag"), required=True, limit=40)
SCHEMA = schema_of((NAME,))
