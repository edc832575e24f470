"""Guessing at passwords: slowed down for whoever guesses, at every door that checks one, by one counter.

Three things are counted for an hour: guesses at an account from one network, guesses from a network, and guesses at an
account. Beyond a number that people need to find the right password each next one has to wait, longer every time. In a
browser that has logged in to the account before only its own guesses count: strangers keep nobody out.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from structlog import get_logger

from config.settings import settings
from tenants import counting
from tenants.counting import TooOften
from tenants.errors import NotAllowed

log = get_logger()

_HOUR = timedelta(hours=1)
_FIRST_WAIT = 15.0
"""Seconds; each further one is twice as long."""


class WrongCredentials(NotAllowed):
    """E-mail and password do not match."""

    code = "wrong_credentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who types a password, as far as the network and the browser say."""

    address: str = "unknown"
    device: str = ""
    """In words."""

    browser: str = ""
    """Which one, if it has logged in to the account before."""


NOBODY_KNOWN = Caller()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit:
    name: str
    free: int
    """Guesses before the first wait."""

    longest: float
    """Seconds."""

    def wait(self, number: int) -> float:
        return float(min(self.longest, _FIRST_WAIT * 2 ** min(number - self.free - 1, 30)))


FREE_FROM_ONE_PLACE = 5
FREE_OF_A_NETWORK = 20
FREE_AT_AN_ACCOUNT = 30
LONGEST_WAIT = 15 * 60.0
FREE_OF_CODES = 5
LONGEST_OF_CODES = 30 * 60.0
LONGEST_OF_AN_ACCOUNT = 5 * 60.0
"""Shorter: whoever has forgotten which browser knows them shall not be kept out by strangers."""


def account_hash(email: str) -> str:
    """Names an account in logs and counters to nobody who does not hold the secret."""
    secret = settings().secret_key.encode()
    return hmac.new(secret, f"account:{email.strip().lower()}".encode(errors="replace"), "sha256").hexdigest()[:24]


@contextmanager
def attempt(email: str, *, by: Caller) -> Iterator[None]:
    """Inside it a password is checked. It is counted before it is answered, so that many at once are no way around, and
    given back unless it ends in WrongCredentials.

    Raises TooOften.
    """
    with _counted(_limits(email, by), account=email, what="password", by=by):
        yield


@contextmanager
def code_attempt(account: str, *, by: Caller) -> Iterator[None]:
    """Inside it a code of a second factor is checked, counted apart from passwords: a right password, which whoever
    guesses at a code knows, ends no count of them. Nobody else can keep the owner out here, so waits grow longer.

    Raises TooOften.
    """
    with _counted(_code_limits(account, by), account=account, what="code", by=by):
        yield


@contextmanager
def _counted(limits: list[_Limit], *, account: str, what: str, by: Caller) -> Iterator[None]:
    try:
        _take(limits)
        yield
    except TooOften:
        _tell("slowed_down", account, by)
        raise
    except WrongCredentials:
        _tell(f"wrong_{what}", account, by)
        raise
    except BaseException:
        _give_back(limits)
        raise
    _give_back(limits)
    counting.forget(limits[0].name)
    _tell(f"right_{what}", account, by)


def _code_limits(account: str, by: Caller) -> list[_Limit]:
    """Of a million codes three are right: some 12 guesses an hour find one within a day with a chance of 1 in 1,000."""
    hashed, network = account_hash(account), counting.network(by.address)
    return [
        _Limit(name=f"codes at {hashed}", free=FREE_OF_CODES, longest=LONGEST_OF_CODES),
        _Limit(name=f"guesses from {network}", free=FREE_OF_A_NETWORK, longest=LONGEST_WAIT),
    ]


def _limits(email: str, by: Caller) -> list[_Limit]:
    """The one that a right password ends comes first."""
    account, network = account_hash(email), counting.network(by.address)
    place = f"browser {by.browser}" if by.browser else network
    own = _Limit(name=f"guesses at {account} from {place}", free=FREE_FROM_ONE_PLACE, longest=LONGEST_WAIT)
    if by.browser:
        return [own]
    return [
        own,
        _Limit(name=f"guesses from {network}", free=FREE_OF_A_NETWORK, longest=LONGEST_WAIT),
        _Limit(name=f"guesses at {account}", free=FREE_AT_AN_ACCOUNT, longest=LONGEST_OF_AN_ACCOUNT),
    ]


def _take(limits: list[_Limit]) -> None:
    """Raises TooOften; then nothing is counted."""
    left = counting.wait_left([limit.name for limit in limits])
    if left > 0:
        raise TooOften(seconds=left)
    counts = counting.counts([limit.name for limit in limits], within=_HOUR)
    for limit, found in zip(limits, counts, strict=True):
        if found.number > limit.free and not counting.begin_wait(limit.name, seconds=limit.wait(found.number)):
            for one in limits:
                counting.give_back(one.name, within=_HOUR)
            raise TooOften(seconds=limit.wait(found.number))


def _give_back(limits: list[_Limit]) -> None:
    """Of somebody who was let in to guess: no wait ran then, so what runs now began with this very guess."""
    for limit in limits:
        counting.give_back(limit.name, within=_HOUR)
    counting.end_waits([limit.name for limit in limits])


def _tell(outcome: str, email: str, by: Caller) -> None:
    log.info("password.checked", outcome=outcome, account=account_hash(email), address=by.address)
