"""What the doctor has to say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    part: str
    sentence: str
    remedy: str | None = None
    """How to mend it; None where there is nothing to mend."""

    sql: tuple[str, ...] = ()
    """Statements that mend it, where some do, for the owner of all schemas."""

    is_hint: bool = False
    """Nothing is wrong, and somebody should know all the same."""

    @property
    def is_fine(self) -> bool:
        return self.remedy is None or self.is_hint


def fine(part: str, sentence: str) -> Finding:
    return Finding(part=part, sentence=sentence)


def wrong(part: str, sentence: str, *, remedy: str, sql: tuple[str, ...] = ()) -> Finding:
    return Finding(part=part, sentence=sentence, remedy=remedy, sql=sql)


def hint(part: str, sentence: str, *, remedy: str) -> Finding:
    return Finding(part=part, sentence=sentence, remedy=remedy, is_hint=True)


def named(names: list[str], *, most: int = 5) -> str:
    """Some names and how many more there are, so that a sentence stays a sentence."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
