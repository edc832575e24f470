"""The price list of config/plans.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

_FILE = Path(__file__).resolve().parent.parent / "config" / "plans.toml"


class PriceListRefused(Exception):
    """The price list makes no sense; the message is one sentence for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    key: str
    name: str


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
    plans = {key: Plan(key=key, name=plan["name"]) for key, plan in written["plans"].items()}
    trial = written["trial"]
    if trial["plan"] not in plans or trial["days"] < 1:
        raise PriceListRefused("The trial of the price list needs a listed plan and at least one day.")
    return PriceList(plans=plans, trial=Trial(plan=plans[trial["plan"]], length=timedelta(days=trial["days"])))
