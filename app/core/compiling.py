"""Templates are compiled once for each language: what is known then (texts, icons, addresses of files) is put
in then, and costs a page nothing. What a page says a thousand times is escaped and passed on in the cheapest way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Flask, templating
from flask_babel import get_locale, get_translations
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import create_cache
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from app.core import markup

_TEMPLATES = 400


def say(text: str, **values: Any) -> Markup:
    """The text in the reader's language, with its placeholders filled and escaped: ``_()`` in templates."""
    return Markup(get_translations().ugettext(text)) % values


KNOWN: dict[str, Callable[..., Markup | str]] = {"_": say, "icon": markup.icon, "asset": markup.asset}
"""Answer the same to the same words in one language."""


def init_app(app: Flask) -> None:
    app.jinja_env.globals["_"] = say


_needs_escaping = re.compile("[&<>\"']").search


def written(value: Any) -> str:
    """What stands in the page for a value: what ``escape`` makes of it. Nearly all of a page's thousand values are
    markup already, or have no character to escape, and to find that out takes a fifth of the time.
    """
    kind = type(value)
    if kind is Markup or (kind is str and not _needs_escaping(value)):
        return value  # type: ignore[no-any-return]
    return escape(value)


class _Writer(CodeGenerator):
    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.written(")
        else:
            super()._output_child_pre(node, frame, finalize)


class SpokenEnvironment(templating.Environment):
    """Keeps a template once for each language."""

    code_generator_class = _Writer
    written = staticmethod(written)

    def __init__(self, app: Any, **options: Any) -> None:
        self._caches: dict[str, Any] = {}
        super().__init__(app, **options)

    @property
    def cache(self) -> Any:
        language = str(get_locale())
        if language not in self._caches:
            self._caches[language] = create_cache(_TEMPLATES)
        return self._caches[language]

    @cache.setter
    def cache(self, _one_for_all: Any) -> None:
        """Jinja makes one itself; there is one for each language instead."""

    def _generate(self, source: nodes.Template, *place: Any, **options: Any) -> str:
        return super()._generate(_PutIn().visit(source), *place, **options)


class _PutIn(NodeTransformer):
    """In the place of a call whose answer is known, the answer. A block is written in one piece: bit by bit, each of a
    page's thousands of bits would climb through every template and block around it.
    """

    def visit_Block(self, block: nodes.Block) -> nodes.Node:  # noqa: N802  named by Jinja
        self.generic_visit(block)
        piece = nodes.AssignBlock(nodes.Name("piece", "store"), None, block.body, lineno=block.lineno)
        block.body = [piece, nodes.Output([nodes.Name("piece", "load")], lineno=block.lineno)]
        return block

    def visit_Call(self, call: nodes.Call) -> nodes.Node:  # noqa: N802  named by Jinja
        self.generic_visit(call)
        name = call.node.name if isinstance(call.node, nodes.Name) else ""
        words = [argument.value for argument in call.args if isinstance(argument, nodes.Const)]
        if name not in KNOWN or call.kwargs or call.dyn_args or call.dyn_kwargs or len(words) < len(call.args):
            return call
        return nodes.Const(KNOWN[name](*words), lineno=call.lineno)
