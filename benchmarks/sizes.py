"""How much data there is, and how many requests are made of it."""

from __future__ import annotations

from dataclasses import dataclass

SECRET = "a secret that only the benchmark knows and nobody else"
PASSWORD = "the ferry leaves at nine"
OWNER = "owner@bench.example"
PROGRAM = "a program at the floor"
SLUG = "bench"
"""The tenant with the many records; the others are called ``small-001`` and so on."""


@dataclass(frozen=True, kw_only=True)
class Size:
    name: str
    contacts: int
    companies: int
    activities: int
    tenants: int
    contacts_each: int
    deep_page: int
    rounds: int
    """Each round is a block of requests to the product and then one to the floor."""

    block: int
    """Requests of one block."""

    imported: int
    """Rows of the list that is imported."""


FULL = Size(
    name="full",
    contacts=100_000,
    companies=20_000,
    activities=200_000,
    tenants=100,
    contacts_each=1_000,
    deep_page=500,
    rounds=6,
    block=50,
    imported=10_000,
)
QUICK = Size(
    name="quick",
    contacts=10_000,
    companies=2_000,
    activities=20_000,
    tenants=10,
    contacts_each=100,
    deep_page=150,
    rounds=4,
    block=15,
    imported=1_000,
)
SIZES = {size.name: size for size in (FULL, QUICK)}


def small_slug(number: int) -> str:
    return f"small-{number:03}"
