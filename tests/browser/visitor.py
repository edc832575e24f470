"""A person at a browser, and the one who looks over their shoulder: at the console, at failed requests, with axe."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, Response, expect

from tests.browser.house import ROOT, House, Login, Words

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
_STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_OF_WORDS = ["cat.name-role-value", "cat.text-alternatives", "cat.forms", "cat.language"]
_BAD_STATUS = 400
_MOST_STOPS = 20
_WIDE = 800
"""Pixels from which on a page has no bar at its bottom."""
_PICTURES = Path(__file__).parent / "pictures"
# Turbo stops asking when a newer question has overtaken the old one.
_OVERTAKEN = "net::ERR_ABORTED"


class Visitor:
    def __init__(self, context: BrowserContext, house: House, *, locale: str, has_scripts: bool = True) -> None:
        self.house = house
        self.has_scripts = has_scripts
        self.say = Words(locale)
        self.context = context
        context.add_init_script(_AWAITS)
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self._expected: set[int] = set()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.problems.append(f"error in a script: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def open(self, path: str) -> int:
        """The status of the answer."""
        response = self.page.goto(f"{self.house.url}{path}")
        assert response is not None
        self._settle()
        return response.status

    def log_in(self, login: Login, *, wanted: str = "") -> None:
        if not wanted:
            self.open("/login")
        self.fill(email=login.email, password=login.password)
        self.submit()
        expect(self.page.locator("body.frame")).to_be_visible()

    def log_in_as_operator(self, login: Login) -> None:
        self.open("/operator/login")
        self.fill(email=login.email, password=login.password)
        self.submit()
        expect(self.page.locator("body.console")).to_be_visible()

    def fill(self, **values: str) -> None:
        """Fields of the main form, by name."""
        for name, value in values.items():
            self.page.locator(f'[data-form] [name="{name}"]').fill(value)

    def submit(self) -> None:
        """Press the main button of the main form, and wait for what comes."""
        self.page.locator("[data-form] .form-foot .button-primary").click()
        self._settle()

    def press(self, text: str, **values: object) -> None:
        """The link or button that says this, by the English text."""
        said = self.say(text, **values)
        named = self.page.get_by_role("link", name=said, exact=True)
        named.or_(self.page.get_by_role("button", name=said, exact=True)).filter(visible=True).first.click()
        self._settle()

    def goes(self, place: str) -> None:
        """Into a room of the left column, by the English name."""
        self.page.locator(".side-menu").get_by_role("link", name=self.say(place), exact=True).click()
        self._settle()

    def sees(self, text: str, **values: object) -> None:
        """The page says this somewhere, by the English text."""
        expect(self.page.get_by_text(self.say(text, **values)).filter(visible=True).first).to_be_visible()

    def reads(self, text: str) -> None:
        """The page shows exactly these characters somewhere, in whatever language."""
        expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()

    def names(self) -> list[str]:
        """Of the list that is shown."""
        return self.page.locator("main [data-row]").all_inner_texts()

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self._settle()

    def types(self, text: str) -> None:
        """Into whatever has the focus, which can be seen."""
        assert self.focus_is_visible(), f"where the keyboard is cannot be seen: {self.focused()!r}"
        self.page.keyboard.type(text)

    def tab_to(self, wanted: Locator) -> None:
        """Press Tab until it is reached; every stop on the way can be seen."""
        for _ in range(_MOST_STOPS):
            self.page.keyboard.press("Tab")
            assert self.focus_is_visible(), f"where the keyboard is cannot be seen: {self.focused()!r}"
            if wanted.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"{wanted} is not reached by {_MOST_STOPS} times Tab")

    def focused(self) -> str:
        said = "document.activeElement.innerText || document.activeElement.getAttribute('name') || ''"
        return str(self.page.evaluate(said))

    def point(self, kind: str) -> Locator:
        """Where the first number or address of a kind is written in a form."""
        return self.page.locator(f"[data-point]:has(option[value={kind}][selected]) .point-value").first

    @contextmanager
    def refused(self, status: int) -> Iterator[None]:
        """Meanwhile answers with this status are what the story is about."""
        self._expected.add(status)
        try:
            yield
            self._settle()
        finally:
            self._expected.discard(status)

    def look(self) -> None:
        """Nothing is wrong for anybody who sees badly, uses a keyboard or holds a small screen."""
        self._look({"runOnly": {"type": "tag", "values": _STANDARDS}})

    def look_at_words(self) -> None:
        """Of a page that was looked at in another language: all that its own texts can spoil."""
        self._look({"runOnly": {"type": "tag", "values": _OF_WORDS}})

    def look_at_colours(self) -> None:
        """Of a page whose structure was looked at in other colours."""
        self._look({"runOnly": {"type": "rule", "values": ["color-contrast"]}})

    def _look(self, rules: dict[str, Any]) -> None:
        self._settle()
        size = self.page.viewport_size
        assert size is not None
        where = f"{self.page.url} at {size}"
        # A phone would make its window wider to show all of the page, so the window is no measure.
        sideways = self.page.evaluate("document.documentElement.scrollWidth") - size["width"]
        assert sideways <= 0, f"{where} can be scrolled sideways by {sideways} px"
        cut = self.page.evaluate(_CUT_OFF)
        assert not cut, f"{where}: cut off in the bar: {cut}"
        height = self.page.evaluate("document.documentElement.scrollHeight")
        # As tall as its page: what lies half below the bar of a phone can be scrolled to, and axe does not know that.
        has_bar = size["width"] < _WIDE
        if has_bar:
            self.page.set_viewport_size({**size, "height": height})
        found = self._axe(rules)
        if has_bar:
            self.page.set_viewport_size(size)
        assert not found, f"axe at {where}:\n" + "\n".join(found)

    def moved(self) -> float:
        """How much of what was shown first has moved since (the layout shift of Chromium, from 0)."""
        self._settle()
        return float(self.page.evaluate(_MOVED))

    def picture(self, name: str) -> None:
        self._settle()
        _PICTURES.mkdir(exist_ok=True)
        self.page.screenshot(path=_PICTURES / f"{name}.png")

    def focus_is_visible(self) -> bool:
        """Where the keyboard is can be seen."""
        return bool(self.page.evaluate(_FOCUS_IS_VISIBLE))

    def _axe(self, rules: dict[str, Any]) -> list[str]:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        options = {**rules, "resultTypes": ["violations"]}
        result = self.page.evaluate("options => axe.run(document, options)", options)
        return [
            f"{violation['id']}: {violation['help']}: {json.dumps([node['target'] for node in violation['nodes'][:4]])}"
            for violation in result["violations"]
        ]

    def _settle(self) -> None:
        """Turbo has finished, and so have the movements that show where something came from."""
        if not self.has_scripts:
            self.page.wait_for_load_state()
        # Mostly it is; to wait for the next picture of the page takes ten times as long as to ask.
        elif not self.page.evaluate(_IS_QUIET):
            self.page.wait_for_function(_IS_QUIET)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        found = re.fullmatch(
            r"Failed to load resource: the server responded with a status of (\d{3}) \([A-Z ]+\)",
            message.text,
        )
        if found and int(found[1]) in self._expected:
            return
        self.problems.append(f"console: {message.type}: {message.text} ({message.location.get('url')})")

    def _failed(self, request: Request) -> None:
        if request.failure != _OVERTAKEN:
            self.problems.append(f"request failed: {request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= _BAD_STATUS and response.status not in self._expected:
            self.problems.append(f"{response.status}: {response.request.method} {response.url}")


# Between the answer to a form and the page it leads to Turbo looks idle. Some answers lead nowhere (a file).
_AWAITS = """(() => {
  const wait = () => { window.awaited = performance.now() + 1500; };
  document.addEventListener("turbo:submit-start", wait);
  // However long the answer took: the page it leads to is still to come.
  document.addEventListener("turbo:submit-end", () => window.awaited && wait());
  for (const event of ["turbo:render", "turbo:frame-render", "turbo:before-stream-render"])
    document.addEventListener(event, () => { window.awaited = 0; });
})()"""

_IS_QUIET = """() => {
  const html = document.documentElement;
  const isBusy = html.hasAttribute("aria-busy") || html.hasAttribute("data-turbo-preview")
    || document.querySelector("[aria-busy=true], turbo-frame[busy], form[aria-busy]");
  const isMoving = document.getAnimations().some((one) => one.playState === "running"
    && one.effect.getComputedTiming().iterations !== Infinity);
  const isAwaited = (window.awaited ?? 0) > performance.now();
  return document.readyState === "complete" && !isBusy && !isMoving && !isAwaited;
}"""

_CUT_OFF = """[...document.querySelectorAll(".bottom-bar .place span")]
  .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"""

_MOVED = """() => new Promise((done) => {
  let moved = 0;
  new PerformanceObserver((list) => { for (const shift of list.getEntries()) moved += shift.value; })
    .observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(moved), 50)));
})"""

# Compared with the same element without focus: outline, border or shadow must differ, on it or on what holds it.
_FOCUS_IS_VISIBLE = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return false;
  const holders = [element, element.parentElement, element.closest("label"), element.closest("tr")].filter(Boolean);
  const look = () => holders.map((one) => {
    const style = getComputedStyle(one);
    return [style.outline, style.boxShadow, style.borderColor, style.backgroundColor].join();
  }).join(";");
  const transitions = document.createElement("div");
  const focused = look();
  element.blur();
  document.getAnimations().forEach((one) => one.finish());
  const plain = look();
  element.focus({ focusVisible: true, preventScroll: true });
  return focused !== plain;
}"""
