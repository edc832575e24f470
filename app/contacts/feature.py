from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.contacts import numbers
from app.contacts.api import RESOURCE
from app.contacts.entity import CONTACT
from app.contacts.views import bp
from app.core.features import Feature, FirstStep, MenuItem
from app.core.overview import Numbers

FEATURE = Feature(
    name="contacts",
    resources=(RESOURCE,),
    entities=(CONTACT,),
    blueprints=(bp,),
    permissions=("contacts.read", "contacts.write", "contacts.delete", "contacts.export"),
    menu=(MenuItem(label=_l("Contacts"), icon="users", endpoint="contacts.index", permission="contacts.read"),),
    quick=(MenuItem(label=_l("New contact"), icon="user-plus", endpoint="contacts.new", permission="contacts.write"),),
    numbers=Numbers(load=numbers.load, permission="contacts.read"),
    first_steps=(
        FirstStep(
            label=_l("Enter your first contact"),
            text=_l("A name is enough; phone, e-mail and company can follow."),
            icon="user-plus",
            endpoint="contacts.new",
            permission="contacts.write",
        ),
    ),
)
