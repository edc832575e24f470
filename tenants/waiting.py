"""Whether something can be read from a connection, without waiting."""

from __future__ import annotations

import select


def is_readable(number: int) -> bool:
    """Also when the other side has hung up. By ``poll``: ``select`` knows no descriptor beyond 1,023."""
    asked = select.poll()
    asked.register(number, select.POLLIN)
    return bool(asked.poll(0))
