"""A refusal (a class with a ``code``) says its docstring's first paragraph to people; that paragraph is translated."""

from __future__ import annotations


def first_paragraph(docstring: str | None) -> str:
    return " ".join((docstring or "").strip().partition("\n\n")[0].split())
