"""The price list of config/plans.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

_FILE = Path(__file__).resolve().parent.parent / "config" / "plans.toml"


class PriceListRefused(Exception):
    """The price list makes no sense; the message is one sentence for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A step of a price: what lies within it costs so much a gigabyte."""

    until: Decimal | None
    """In gigabytes, exclusive; None: without end."""

    cents: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    key: str
    name: str
    currency: str
    fee_cents: int
    user_cents: int
    transfer: tuple[Tier, ...]
    """From the first gigabyte on, the last one without end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a firm can try before it buys, and for how long."""

    plan: Plan
    length: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    plans: dict[str, Plan]
    trial: Trial


@cache
def price_list() -> PriceList:
    return read(_FILE.read_text())


def read(text: str) -> PriceList:
    """Raises PriceListRefused."""
    written = tomllib.loads(text)
    plans = {key: _plan(key, plan) for key, plan in written["plans"].items()}
    trial = written["trial"]
    if trial["plan"] not in plans or trial["days"] < 1:
        raise PriceListRefused("The trial of the price list needs a listed plan and at least one day.")
    return PriceList(plans=plans, trial=Trial(plan=plans[trial["plan"]], length=timedelta(days=trial["days"])))


def _plan(key: str, written: Mapping[str, Any]) -> Plan:
    try:
        plan = Plan(
            key=key,
            name=written["name"],
            currency=written["currency"],
            fee_cents=written["fee_cents"],
            user_cents=written["user_cents"],
            transfer=tuple(_tier(tier) for tier in written["transfer"]),
        )
    except (KeyError, InvalidOperation) as error:
        raise PriceListRefused(f"The plan {key} of the price list is not complete: {error}.") from error
    if plan.fee_cents < 0 or plan.user_cents < 0 or not _lead_upwards(plan.transfer):
        raise PriceListRefused(f"The plan {key} of the price list needs prices of 0 or more, and steps that rise.")
    return plan


def _tier(written: Mapping[str, Any]) -> Tier:
    until = written.get("up_to_gigabytes")
    return Tier(until=None if until is None else Decimal(until), cents=Decimal(written["cents_per_gigabyte"]))


def _lead_upwards(tiers: Sequence[Tier]) -> bool:
    """Each ends higher than the one before, and only the last has no end."""
    ends = [tier.until for tier in tiers]
    if not ends or ends[-1] is not None or any(tier.cents < 0 for tier in tiers):
        return False
    bounds = [Decimal(0), *(end for end in ends[:-1] if end is not None)]
    return len(bounds) == len(ends) and all(one < other for one, other in pairwise(bounds))
