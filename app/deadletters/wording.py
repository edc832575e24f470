"""What went wrong with something that was given up: a sentence for people, a code for whoever supports them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.core.fields import Text
from app.notifications import troubles
from tenants.attempts import KILLED

_LONGEST = 200
_TRACEBACK = "Traceback (most recent call last):\n"
_NAMED = re.compile(r"^(?:\w+\.)*(\w+)(?::|$)|(?<=: )\((?:\w+\.)+(\w+)\)", re.MULTILINE)
"""An exception with its module, and the one of the database that SQLAlchemy tells in brackets."""

_HELD = _l("Somebody else was changing the same data for too long.")
_NO_DATABASE = _l("The database could not be reached.")
_NO_FILES = _l("The place where files are kept did not answer.")
_OF_EXCEPTIONS: Mapping[str, Text] = {
    "LockNotAvailable": _HELD,
    "QueryCanceled": _HELD,
    "DeadlockDetected": _HELD,
    "AdminShutdown": _NO_DATABASE,
    "ConnectionTimeout": _NO_DATABASE,
    "OperationalError": _NO_DATABASE,
    "DiskFull": _l("The database has no room left."),
    "FilesSilent": _NO_FILES,
    "MemoryError": _l("There was not enough memory for it."),
}
"""The most precise first."""


def sentence(error: str) -> str:
    """Of a job, or of a rule with which a change could not be told."""
    if error == KILLED:
        return troubles.killed()
    names = {name for pair in _NAMED.findall(error) for name in pair}
    known = (str(said) for name, said in _OF_EXCEPTIONS.items() if name in names)
    return next(known, "") or gettext("Kontor was not prepared for this.")


def code(error: str | None) -> str:
    """The exception and what it says, without the way there and without what a statement was given."""
    last = (error or "").rpartition(_TRACEBACK)[2]
    told = (line for line in last.splitlines() if line and not line[0].isspace() and not line.startswith("Traceback "))
    return next(told, "")[:_LONGEST]
