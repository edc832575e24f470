"""Money: whole cents of one currency. Values and pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


class CurrenciesDiffer(ValueError):
    """Money of two currencies was added: a bug, never a person's mistake."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    cents: int
    currency: str

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise CurrenciesDiffer(f"{self.currency} and {other.currency}")
        return Money(self.cents + other.cents, self.currency)

    @property
    def amount(self) -> Decimal:
        """In units of the currency, as people write it."""
        return Decimal(self.cents).scaleb(-2)


def rounded(cents: Decimal, currency: str) -> Money:
    """The one place where amounts become whole cents: half a cent counts as one."""
    return Money(int(cents.quantize(Decimal(1), rounding=ROUND_HALF_UP)), currency)
