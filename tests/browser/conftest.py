"""One house and one browser for all stories, closed before other tests go on; a story that leaves a complaint in the
console has failed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser import house as houses
from tests.browser.house import House
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]

BROWSER = pytest.mark.timeout(300)
"""On every story: the time that a house takes to start on a busy machine."""

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_PATIENCE_MS = 10_000


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        missing = f"no browser on this machine: none of {', '.join(_PROGRAMS)} is installed"
        if os.environ.get("KONTOR_BROWSER_REQUIRED") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def house(chromium: Browser) -> Iterator[House]:
    with houses.started() as house:
        yield house


@pytest.fixture
def visit(chromium: Browser, house: House) -> Iterator[Visit]:
    """``visit(locale="de", phone=True)``: somebody sits down, with cookies of their own. Most have asked their system
    for less movement; for those who have not (``calm=False``) each page fades in first.
    """
    visitors: list[Visitor] = []
    with ExitStack() as contexts:

        def sit_down(*, locale: str = "de", phone: bool = False, scripts: bool = True, calm: bool = True) -> Visitor:
            device = {"viewport": PHONE, "has_touch": True, "is_mobile": True} if phone else {"viewport": DESK}
            settings = {"locale": {"de": "de-DE", "en": "en-GB"}[locale], "timezone_id": "Europe/Berlin"}
            motion: Literal["reduce", "no-preference"] = "reduce" if calm else "no-preference"
            context = chromium.new_context(**device, **settings, java_script_enabled=scripts, reduced_motion=motion)
            contexts.callback(context.close)
            context.set_default_timeout(_PATIENCE_MS)
            visitors.append(Visitor(context, house, locale=locale, has_scripts=scripts))
            return visitors[-1]

        yield sit_down
    problems = [problem for visitor in visitors for problem in visitor.problems]
    assert not problems, "\n".join(problems)
