"""Texts, icons and addresses of files are put into a template when it is compiled, once for each language."""

from __future__ import annotations

from flask import Flask, render_template_string
from flask_babel import force_locale
from jinja2 import DictLoader


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
