"""The addresses of the product; those of a firm are read from its rooms, so that cases can be made of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from flask import Flask

from app.core.web import Room, SlugConverter
from app.features import ALL


@dataclass(frozen=True, kw_only=True)
class Route:
    method: str
    rule: str
    endpoint: str
    allow: str | None
    in_tenant: bool
    by_token: bool
    arguments: tuple[str, ...]
    """What the address names beside the firm, in alphabetical order."""

    def __str__(self) -> str:
        return f"{self.method} {self.rule.removeprefix('/<slug:slug>')}"

    @property
    def room(self) -> str:
        return self.endpoint.partition(".")[0]

    @property
    def collection(self) -> str:
        """Of an address for programs: whose records they are."""
        return self.rule.split("/")[4]


@cache
def rooms() -> list[Route]:
    """All pages of a firm. Doors may depend on settings, which nobody has before the tests begin."""
    app = Flask("rooms", static_folder=None)
    app.url_map.converters["slug"] = SlugConverter
    for feature in ALL:
        for blueprint in feature.blueprints:
            if isinstance(blueprint, Room):
                app.register_blueprint(blueprint)
    return routes_of(app)


def routes_of(app: Flask) -> list[Route]:
    return [
        Route(
            method=method,
            rule=rule.rule,
            endpoint=rule.endpoint,
            allow=getattr(app.view_functions[rule.endpoint], "allow", None),
            in_tenant=getattr(app.view_functions[rule.endpoint], "in_tenant", False),
            by_token=getattr(app.view_functions[rule.endpoint], "by_token", False),
            arguments=tuple(sorted(rule.arguments - {"slug"})),
        )
        for rule in sorted(app.url_map.iter_rules(), key=str)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if rule.endpoint != "static"
    ]
