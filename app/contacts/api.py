from __future__ import annotations

from app.contactpoints.resource import Reachable
from app.contacts import actions
from app.contacts.entity import CONTACT
from app.contacts.schemas import NAMED

RESOURCE = Reachable(
    entity=CONTACT, one="Contact", shape=NAMED, add=actions.add_contact, edit=actions.edit_contact
).resource(
    example={
        "salutation": "ms",
        "given_name": "Anna",
        "family_name": "Berg",
        "points": [
            {"kind": "email", "label": "work", "value": "anna.berg@hafen.example"},
            {"kind": "phone", "label": "mobile", "value": "0171 2345678"},
        ],
    }
)
