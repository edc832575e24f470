from __future__ import annotations

from app.companies import actions
from app.companies.entity import COMPANY
from app.contactpoints.resource import Reachable

RESOURCE = Reachable(entity=COMPANY, one="Company", add=actions.add_company, edit=actions.edit_company).resource(
    example={
        "name": "Hafen & Söhne KG",
        "industry": "Schiffbau",
        "points": [
            {"kind": "address", "street": "Am Kai 4", "postal_code": "20457", "city": "Hamburg"},
            {"kind": "web", "value": "https://hafen.example"},
        ],
    }
)
