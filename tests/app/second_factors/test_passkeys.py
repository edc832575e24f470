"""A passkey as second factor: made once, signs each log-in anew, and for this site alone."""

from __future__ import annotations

import json
from http import HTTPStatus

import pytest

from tests.authenticators import add_app, codes_on, log_in
from tests.colleagues import Colleague
from tests.firms import PASSWORD, Visitor
from tests.passkeys import Device, asked_on

ADD, ASK = "/profile/second-factor/passkey", "/login/second-factor"
OURS = "http://localhost:8000"
REFUSED = HTTPStatus.UNPROCESSABLE_ENTITY


@pytest.fixture
def device(gita: Colleague) -> Device:
    """Gita's, with a passkey of her account."""
    device, browser = Device(origin=OURS), gita.client()
    answer = browser.post(ADD, data={"passkey": device.makes(asked_on(browser.get(ADD).text))})
    assert len(codes_on(browser.get(answer.location).text)) == 10
    return device


def begin(gita: Colleague) -> tuple[Visitor, str]:
    """(the browser after the password, the page that asks for more)"""
    browser, to = log_in(gita.firm.app, gita.email, PASSWORD)
    return browser, browser.get(to).text


def is_in(browser: Visitor, gita: Colleague) -> bool:
    return browser.get(f"{gita.firm.url}/contacts").status_code == HTTPStatus.OK


def test_it_lets_in(gita: Colleague, device: Device) -> None:
    browser, page = begin(gita)

    answer = browser.post(ASK, data={"passkey": device.signs(asked_on(page))})

    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert is_in(browser, gita)


def test_what_was_signed_for_one_log_in_opens_no_other(gita: Colleague, device: Device) -> None:
    first, page = begin(gita)
    second, _ = begin(gita)
    signed = device.signs(asked_on(page))

    stolen = second.post(ASK, data={"passkey": signed})
    first.post(ASK, data={"passkey": signed})

    assert stolen.status_code == REFUSED
    assert "The passkey was not accepted" in stolen.text
    assert is_in(first, gita)
    assert not is_in(second, gita)


def test_each_page_asks_for_something_new(gita: Colleague, device: Device) -> None:
    browser, page = begin(gita)
    old = device.signs(asked_on(page))
    newer = asked_on(browser.get(ASK).text)

    assert browser.post(ASK, data={"passkey": old}).status_code == REFUSED
    assert newer["challenge"] != asked_on(page)["challenge"]


def test_a_page_that_only_looks_like_ours_gets_nothing_of_use(gita: Colleague, device: Device) -> None:
    browser, page = begin(gita)
    device.origin = "https://kontor.evil.example"

    assert browser.post(ASK, data={"passkey": device.signs(asked_on(page))}).status_code == REFUSED


def test_another_key_is_refused_also_under_the_known_name(gita: Colleague, device: Device) -> None:
    browser, page = begin(gita)
    forged = Device(origin=device.origin, credential=device.credential)

    assert browser.post(ASK, data={"passkey": forged.signs(asked_on(page))}).status_code == REFUSED


def test_a_copy_of_the_device_that_has_signed_less_is_refused(gita: Colleague, device: Device) -> None:
    browser, page = begin(gita)
    browser.post(ASK, data={"passkey": device.signs(asked_on(page))})
    copy, (other, asked) = Device(device.origin, device.key, device.credential), begin(gita)

    assert other.post(ASK, data={"passkey": copy.signs(asked_on(asked))}).status_code == REFUSED


@pytest.mark.parametrize(
    "nonsense",
    [
        "x",
        "{}",
        "[]",
        "null",
        '{"id": 1}',
        '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": 7}',
        "{" * 20_000,
        json.dumps({"id": "ä", "rawId": "\x00", "response": {}, "type": "public-key"}),
    ],
)
def test_nonsense_is_refused(gita: Colleague, device: Device, nonsense: str) -> None:
    browser, _ = begin(gita)

    assert browser.post(ASK, data={"passkey": nonsense}).status_code == REFUSED
    assert gita.client().post(ADD, data={"passkey": nonsense}).status_code == REFUSED


def test_one_passkey_belongs_to_one_account(gita: Colleague, device: Device) -> None:
    browser = gita.client()
    again = browser.post(ADD, data={"passkey": device.makes(asked_on(browser.get(ADD).text))})

    assert again.status_code == HTTPStatus.CONFLICT


def test_without_the_device_a_recovery_code_or_an_app_opens(gita: Colleague, device: Device) -> None:
    phone = add_app(_in(gita, device))
    browser, page = begin(gita)

    assert "Code or recovery code" in page
    assert browser.post(ASK, data={"code": phone.code()}).status_code == HTTPStatus.SEE_OTHER


def _in(gita: Colleague, device: Device) -> Visitor:
    browser, page = begin(gita)
    browser.post(ASK, data={"passkey": device.signs(asked_on(page))})
    return browser


def test_the_last_one_that_goes_takes_the_recovery_codes_along(gita: Colleague, device: Device) -> None:
    browser = _in(gita, device)
    page = browser.get("/profile/second-factor").text
    remove = page.split('action="/profile/second-factor/')[1].split('"')[0]

    browser.post(f"/profile/second-factor/{remove}")
    _, to = log_in(gita.firm.app, gita.email, PASSWORD)

    assert to == "/firms"
    assert "recovery codes of 10" not in browser.get("/profile/second-factor").text
