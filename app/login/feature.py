from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.features import Feature, MenuItem
from app.login import email_links, passwords, profile, views

FEATURE = Feature(
    name="login",
    blueprints=(views.door, passwords.door, profile.room, profile.door, email_links.door),
    permissions=("profile.read",),
    account=(MenuItem(label=_l("My profile"), icon="user-round", endpoint="profile.show", permission="profile.read"),),
)
