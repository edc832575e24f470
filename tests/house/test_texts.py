"""Every text that people see exists in both languages, and none is written past the catalogue."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from tests.house.sources import ROOT, name, tracked

CATALOGUE = ROOT / "app/core/translations/de/LC_MESSAGES/messages.po"
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
_HEARD = {"alt", "aria-label", "aria-description", "label", "placeholder", "title"}
_JINJA = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
_ATTRIBUTES = re.compile(r"{% (macro|set) (\w*attributes|described_by)\b.*?{%-? end\1 %}", re.DOTALL)
"""Pieces of a template that stand inside a tag elsewhere."""

_FILLED_IN = "q9q"
"""Stands where Jinja fills something in; a name of a tag may begin with it."""

_METHODS = {".py": "deploy.local.extraction:extract", ".html": "jinja2", ".txt": "jinja2"}
_SAME_IN_BOTH = {"Kontor", "Ctrl K", "Esc"}


def collected() -> set[str]:
    """Message ids as the sources have them now."""
    found: set[str] = set()
    for path in tracked():
        floor = path.relative_to(ROOT).parts[0]
        if floor in {"app", "tenants", "billing"} and path.suffix in _METHODS:
            for _line, message, *_rest in extract(_METHODS[path.suffix], BytesIO(path.read_bytes()), KEYWORDS):
                found.add(message[0] if isinstance(message, tuple) else message)
    return found - {""}


@pytest.fixture(scope="module")
def german() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="de")


def sentences(message: Message) -> list[tuple[str, str]]:
    """(English, German), singular and plural each."""
    if isinstance(message.id, tuple):
        return list(zip(message.id, message.string, strict=True))
    return [(str(message.id), str(message.string))]


def test_every_text_of_the_sources_is_in_the_catalogue(german: Catalog) -> None:
    known = {message.id[0] if isinstance(message.id, tuple) else message.id for message in german if message.id}

    assert collected() - known == set()
    assert known - collected() == set(), "These texts are no longer used; ./run texts takes them out."


def test_every_text_has_a_german_translation(german: Catalog) -> None:
    missing = [english for m in german if m.id for english, translated in sentences(m) if not translated]

    assert missing == []
    assert [m.id for m in german if m.fuzzy and m.id] == []


def test_translations_fill_in_the_same_values(german: Catalog) -> None:
    different = [
        english
        for message in german
        if message.id
        for english, translated in sentences(message)
        if set(_PLACEHOLDER.findall(english)) != set(_PLACEHOLDER.findall(translated))
    ]
    assert different == []


def test_nobody_is_addressed_with_du(german: Catalog) -> None:
    familiar = re.compile(r"\b(?:du|dich|dir|dein\w*)\b")

    assert [m.id for m in german if m.id for _, translated in sentences(m) if familiar.search(translated)] == []


def test_no_template_writes_past_the_catalogue() -> None:
    written = [
        f"{name(path)}: {text}"
        for path in tracked()
        if path.suffix == ".html" and path.relative_to(ROOT).parts[0] == "app"
        for text in Written.of(path.read_text())
        if text not in _SAME_IN_BOTH
    ]
    assert written == []


def test_the_check_of_templates_sees_text_wherever_it_stands() -> None:
    template = """<p>One
      line</p><b>{{ _("Said") }} two</b><i title="Three {{ x }}" class="no">{% if x %}Four{% endif %}</i>"""

    assert [" ".join(text.split()) for text in Written.of(template)] == ["One line", "two", "Three", "Four"]


class Written(HTMLParser):
    """What a template says by itself, between tags and in the attributes that people see or hear."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    @classmethod
    def of(cls, template: str) -> list[str]:
        page = cls()
        page.feed(_JINJA.sub(_FILLED_IN, _ATTRIBUTES.sub("", template)))
        page.close()
        return [text for text in page.texts if re.search(r"[A-Za-zÄÖÜäöü]{2}", text)]

    def handle_data(self, data: str) -> None:
        self.texts += [part.strip() for part in data.split(_FILLED_IN)]

    def handle_starttag(self, _tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.texts += [part for name, value in attributes if name in _HEARD for part in (value or "").split(_FILLED_IN)]
