"""What a row changes of a record that exists."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from app.core.entities import EntityType, entity_types
from app.core.fields import Field, Values
from app.core.revisions import Standing
from app.imports.models import Way

_Group = Sequence[Field]


class Merger:
    """For one list: the fields that its columns name, in the way that was chosen."""

    def __init__(self, entity: EntityType, mapping: Collection[str], way: Way) -> None:
        self._way = way
        own = entity.fields + entity.importable
        # Taken apart it may differ from what stands there, though it is the same name.
        named = [field for field in own if field.name in mapping and field.whole is None]
        self._groups = list(_grouped(iter(named)))
        self._beside = [
            (extension, names)
            for extension in entity_types.extensions(entity)
            if (names := [field.name for field in extension.entry_fields if field.name in mapping])
        ]

    def changed(self, standing: Standing, values: Values) -> Values:
        """The record's own fields that become different, with what they will say."""
        found: dict[str, str | None] = {}
        for group in self._groups:
            said = {field.name: values.get(field.name) for field in group}
            if any(said.values()) and self._takes(standing, said):
                found.update(said)
        return {name: value for name, value in found.items() if value != standing.values.get(name)}

    def added(self, standing: Standing, values: Values) -> Values:
        """What other features keep of it: what they take beside what they know, whatever the way."""
        found: dict[str, str | None] = {}
        for extension, names in self._beside:
            said = {name: values.get(name) for name in names}
            if extension.says_more(standing.values, said):
                found.update(said)
        return found

    def _takes(self, standing: Standing, said: Values) -> bool:
        if len(said) == 1 and all(standing.holds(name, value or "") for name, value in said.items()):
            return False
        return self._way is Way.OVERWRITE or not any(standing.values.get(name) for name in said)


def _grouped(fields: Iterator[Field]) -> Iterator[_Group]:
    for _, group in groupby(fields, key=lambda field: field.together or field.name):
        yield list(group)
