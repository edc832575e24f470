from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.contactpoints.drafts import IMPORTABLE
from app.contactpoints.numbers import NUMBER
from app.contacts import actions
from app.contacts.models import Contact
from app.contacts.revising import REVISION
from app.contacts.schemas import FIELDS, WHOLE_NAME, has_name
from app.core.entities import EntityType

CONTACT = EntityType(
    name="contact",
    model=Contact,
    label=_l("Contact"),
    plural=_l("Contacts"),
    icon="user",
    endpoint="contacts.show",
    list_endpoint="contacts.index",
    title="display_name",
    permission="contacts",
    fields=FIELDS,
    importable=(WHOLE_NAME, *IMPORTABLE),
    rule=has_name,
    create=actions.add_contacts,
    revision=REVISION,
    unique=NUMBER.name,
)
