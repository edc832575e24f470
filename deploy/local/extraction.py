"""Where texts for people stand in Python: in calls of gettext, and in the docstring of a refusal.

A refusal (a class with a ``code``) says its docstring's first paragraph to people, so that paragraph is translated.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any

from babel.messages.extract import extract_python

from config.sentences import first_paragraph


def extract(source: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[tuple[Any, ...]]:
    """Babel's own extraction, and the sentences of refusals: (line, function, message, comments)."""
    text = source.read()
    yield from extract_python(BytesIO(text), keywords, comment_tags, options)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and _is_refusal(node):
            yield node.lineno, None, first_paragraph(ast.get_docstring(node)), []


def _is_refusal(node: ast.ClassDef) -> bool:
    """A kind of refusal that people meet; the base of all says nothing to anybody."""
    is_base = any(isinstance(base, ast.Name) and base.id == "Exception" for base in node.bases)
    return not is_base and any(_sets_code(line) for line in node.body)


def _sets_code(line: ast.stmt) -> bool:
    return isinstance(line, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "code" for t in line.targets)
