"""Workbooks of Excel and OpenDocument, read by a child whose memory and time are bounded."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from app.imports import reading
from app.imports.reading import Record
from tenants.errors import Invalid, Refusal

_PROGRAM = Path(__file__).with_name("unpacking.py")


class BrokenWorkbook(Invalid):
    """This workbook cannot be read: please open it in the program it comes from and save it once more as .xlsx."""

    code = "import_workbook_broken"


class ProtectedWorkbook(Invalid):
    """This is an old or a protected workbook: please save it as .xlsx without a password, and take that file."""

    code = "import_workbook_protected"


class WorkbookTooLarge(Invalid):
    """Unpacked, this workbook is too large to be read: please divide it, or save the list as CSV."""

    code = "import_workbook_too_large"


_REFUSALS: Mapping[str, type[Refusal]] = {
    "bomb": WorkbookTooLarge,
    "broken": BrokenWorkbook,
    "empty": reading.NothingInIt,
    "protected": ProtectedWorkbook,
}


class Workbook:
    """One that is being read. Closing it ends the child, however far it is."""

    def __init__(self, stream: IO[bytes], *, sheet: str) -> None:
        with tempfile.TemporaryFile() as unread:
            stream.seek(0)
            shutil.copyfileobj(stream, unread)
            unread.seek(0)
            command = [sys.executable, "-I", str(_PROGRAM), sheet]
            # Without our environment: whatever goes wrong in there, it finds no secret.
            self._child = subprocess.Popen(
                command, stdin=unread, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, encoding="utf-8"
            )

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, *_error: object) -> None:
        self._child.kill()
        self._child.communicate()

    def names(self) -> tuple[list[str], str]:
        """The names of its sheets, and of the one that is read. To be asked first.

        Raises BrokenWorkbook, ProtectedWorkbook, WorkbookTooLarge, NothingInIt.
        """
        head = self._next()
        return head["sheets"], head["sheet"]

    def records(self) -> Iterator[Record]:
        """Raises BrokenWorkbook, WorkbookTooLarge, and what limits refuse."""
        yield from reading.within_limits(self._rows())

    def _rows(self) -> Iterator[Record]:
        while (row := self._next()) is not None:
            number, cells = row
            if any(map(str.strip, cells)):
                yield number, cells

    def _next(self) -> Any:
        """What the child says next; one that has been ended says nothing more, and wanted too much."""
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line.endswith("\n"):
            raise WorkbookTooLarge
        said = json.loads(line)
        if isinstance(said, dict) and "refused" in said:
            raise _REFUSALS[said["refused"]]
        return said
