"""No name becomes a link, a line or a heading in a mail of ours."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from app.core import quoting

LINKED = re.compile(r"://|www\.\w|\w@\w|[^\W\d_]\.[^\W_]|\d\.[^\W\d_]", re.IGNORECASE)
"""What programs that show mails make links of."""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Hafen Werft GmbH", "Hafen Werft GmbH"),
        ("https://evil.example/click?a=b", "https: evil. example/click?a=b"),
        ("bank.de", "bank. de"),
        ("www.bank。de", "www. bank. de"),
        ("help@bank.de", "help @ bank. de"),
        ("Dr. Meier & Söhne", "Dr. Meier & Söhne"),
        ("Regal 1.5 m", "Regal 1.5 m"),
        ("Ada\r\n\r\nYour password expires\u202e", "Ada Your password expires"),
        ("ba\u200bnk\u200b.de", "ba nk .de"),
    ],
)
def test_a_name_is_said_without_what_would_become_a_link_or_a_line(name: str, said: str) -> None:
    assert quoting.plain(name) == said


@given(st.text(alphabet="ab1.:/@ \\wW\u202e\u3002\n", max_size=40))
def test_nothing_that_is_made_of_dots_and_slashes_becomes_a_link(name: str) -> None:
    assert not LINKED.search(quoting.plain(name))


def test_a_long_name_is_cut() -> None:
    assert len(quoting.plain("a " * 500)) == quoting.MOST


def test_a_name_cannot_leave_its_quotation_marks(app: Flask) -> None:
    with app.test_request_context(), force_locale("de"):
        assert quoting.quoted("Acme“ – Passwort bestätigen: „hier") == "„Acme' – Passwort bestätigen: 'hier“"
