"""Texts, icons and addresses of files are put into a template when it is compiled, once for each language."""

from __future__ import annotations

from flask import Flask, render_template_string
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader
from markupsafe import Markup, escape

from app.core import compiling


def test_each_language_has_its_own_template(app: Flask) -> None:
    app.jinja_env.loader, kept = DictLoader({"one.html": "{{ _('Search') }}"}), app.jinja_env.loader
    try:
        with app.test_request_context():
            said = []
            for language in ("de", "en", "de"):
                with force_locale(language):
                    said.append(app.jinja_env.get_template("one.html").render())
    finally:
        app.jinja_env.loader = kept

    assert said == ["Suchen", "Search", "Suchen"]


def test_what_is_known_is_part_of_the_compiled_template(app: Flask) -> None:
    with app.test_request_context(), force_locale("de"):
        compiled = app.jinja_env.compile("{{ _('Search') }}{{ icon('x') }}", raw=True)

    assert "Suchen" in compiled
    assert "icons" in compiled
    assert "context.call" not in compiled


def test_what_a_page_fills_in_is_escaped(app: Flask) -> None:
    template = "{{ _('Edit %(name)s', name=name) }}{{ avatar(name) }}"
    with app.test_request_context(), force_locale("de"):
        shown = render_template_string(template, name="<b>&")

    assert "<b>" not in shown
    assert shown.startswith("&lt;b&gt;&amp; bearbeiten")


class Bold:
    def __html__(self) -> str:
        return "<b>&</b>"

    def __str__(self) -> str:
        return "<i>"


@given(
    st.one_of(st.text(), st.text("&<>\"'a"), st.builds(Markup, st.text()), st.integers(), st.none(), st.builds(Bold))
)
def test_the_cheap_way_of_escaping_leads_to_the_same(value: object) -> None:
    assert str(compiling.written(value)) == str(escape(value))


def test_a_block_in_one_piece_still_calls_the_one_it_stands_for(app: Flask) -> None:
    below = "{% extends 'above.html' %}{% block a %}[{{ super() }}{% block b %}{{ y }}{% endblock %}]{% endblock %}"
    above = "{% for x in (1, 2) %}{% block a scoped %}<{{ x }}>{% endblock %}{% endfor %}"
    app.jinja_env.loader, kept = DictLoader({"below.html": below, "above.html": above}), app.jinja_env.loader
    try:
        with app.test_request_context():
            shown = app.jinja_env.get_template("below.html").render(y="&")
    finally:
        app.jinja_env.loader = kept

    assert shown == "[<1>&amp;][<2>&amp;]"
