"""Cells of lists that spreadsheets read and write."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")
"""The wide signs of East Asian keyboards are taken for the others where such a language is set."""

_DELIMITERS = {"de": ";"}


def harmless(cell: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe in front says "this is text"."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def bare(cell: str) -> str:
    """Without the apostrophe that says "this is text"."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULA) else cell


def delimiter(locale: str) -> str:
    """What a double click on a CSV file expects in a spreadsheet of that language."""
    return _DELIMITERS.get(locale, ",")
