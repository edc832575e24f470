"""The door to strangers: where it leads, where it never leads, and how long it waits."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tenants import outbound
from tenants.outbound import Failed, Trouble
from tests.receiver import Receiver, receiver

INSIDE = [
    "http://example.com/",
    "https://127.0.0.2/",
    "https://127.1/",
    "https://2130706434/",
    "https://0x7f.2/",
    "https://0177.0.0.2/",
    "https://localhost/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:8.8.8.8]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::808:808]/",
    "https://[2002:7f00:1::]/",
    "https://[2002:808:808::]/",
    "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "https://[2001:db8::1]/",
    "https://[3fff::1]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fec0::1]/",
    "https://[fd00::1]/",
    "https://[ff02::1]/",
    "https://[100::1]/",
    "https://169.254.169.254/latest",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://192.0.0.8/",
    "https://192.0.2.1/",
    "https://192.88.99.1/",
    "https://198.18.0.1/",
    "https://198.51.100.1/",
    "https://203.0.113.1/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://u:p@8.8.8.8/",
    "https://u@8.8.8.8/",
    "https://@8.8.8.8/",
    "https://8.8.8.8\\@127.0.0.1/",
    "https://8.8.8.8:22/",
    "https://8.8.8.8:80/",
    "https://8.8.8.8:99999/",
    "https://8.8.8.8/\r\nHost: x",
    "https://8.8.8.8/a b",
    "https:///path",
    "ftp://8.8.8.8/",
    "file:///etc/hostname",
    "8.8.8.8",
    "",
]


@pytest.mark.usefixtures("servers")
@pytest.mark.parametrize("address", INSIDE)
def test_what_leads_inside_or_nowhere_is_refused(address: str) -> None:
    with pytest.raises(Failed) as refused:
        outbound.check(address)

    assert refused.value.trouble in {Trouble.REFUSED, Trouble.UNKNOWN}
    # A name that this machine does not know is no reason: a letter of another kind must not make it one.
    assert refused.value.trouble is Trouble.REFUSED or "example" in address or "0x7f" in address


@pytest.mark.usefixtures("servers")
@pytest.mark.parametrize(
    ("address", "to"),
    [
        ("https://8.8.8.8/", "8.8.8.8"),
        ("https://8.8.8.8:8443/a?b=c", "8.8.8.8"),
        ("https://[2606:4700::1111]/", "2606:4700::1111"),
        ("https://[64:ff9b::808:808]/", "64:ff9b::808:808"),
    ],
)
def test_what_is_on_the_internet_is_called(address: str, to: str) -> None:
    assert list(outbound.check(address).addresses) == [to]


@pytest.mark.usefixtures("servers")
def test_one_inner_address_among_outer_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, ["8.8.8.8", "10.0.0.1"])

    with pytest.raises(Failed) as refused:
        outbound.check("https://both.example/")

    assert refused.value.trouble is Trouble.REFUSED


@pytest.mark.usefixtures("servers")
def test_a_name_is_looked_up_once_and_the_connection_goes_to_what_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: the second answer would lead inside."""
    asked = names(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
    reached: list[Any] = []

    def connect(address: Any, *_rest: Any, **_more: Any) -> socket.socket:
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)

    with pytest.raises(Failed):
        outbound.post("https://rebinding.example/", body=b"{}", headers={})

    assert reached == [("8.8.8.8", 443)]
    assert asked == ["rebinding.example"]
    monkeypatch.undo()


def names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Each look-up is answered by the next list of addresses; what is looked up is kept."""
    asked: list[str] = []

    def look_up(host: str, _port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    monkeypatch.setattr(outbound, "_look_up", look_up)
    return asked


@pytest.fixture
def stranger(servers: None) -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def test_what_is_sent_arrives_with_the_host_that_was_named(stranger: Receiver) -> None:
    answer = outbound.post(f"{stranger.url}?a=ü", body=b'{"a": 1}', headers={"X-Mark": "1"})

    assert (answer.status, answer.body) == (204, b"")
    (call,) = stranger.calls
    assert (call.path, call.body) == ("/hook?a=%C3%BC", b'{"a": 1}')
    assert (call.headers["Host"], call.headers["X-Mark"]) == (f"127.0.0.1:{stranger.port}", "1")


def test_a_redirect_is_an_answer_and_is_not_followed(stranger: Receiver) -> None:
    stranger.says = [(302, {"Location": f"{stranger.url}/elsewhere"}, b"")]

    assert outbound.post(stranger.url, body=b"", headers={}).status == 302
    assert [call.path for call in stranger.calls] == ["/hook"]


def test_of_a_huge_answer_only_the_beginning_is_read(stranger: Receiver) -> None:
    stranger.says = [(200, {}, b"x" * 10_000_000)]

    answer = outbound.post(stranger.url, body=b"", headers={})

    assert (answer.status, len(answer.body)) == (200, outbound.LARGEST)


@pytest.mark.parametrize("manner", ["silent", "dripping"])
def test_whoever_is_slow_is_left_in_time(stranger: Receiver, monkeypatch: pytest.MonkeyPatch, manner: str) -> None:
    """One who sends a byte again and again is never late with the next one."""
    from tenants.clock import stopwatch

    monkeypatch.setattr(outbound, "SECONDS", 1.0)
    stranger.manner = manner
    began = stopwatch()

    with pytest.raises(Failed) as failed:
        outbound.post(stranger.url, body=b"", headers={})

    assert failed.value.trouble is Trouble.TOO_SLOW
    assert 0.9 < stopwatch() - began < 3


def test_what_breaks_off_or_is_no_http_is_no_answer(stranger: Receiver) -> None:
    for manner in ("gone", "babbling"):
        stranger.manner = manner
        with pytest.raises(Failed) as failed:
            outbound.post(stranger.url, body=b"", headers={})
        assert failed.value.trouble is Trouble.NO_ANSWER


@pytest.mark.usefixtures("servers")
def test_where_nobody_is_nothing_is_reached() -> None:
    with pytest.raises(Failed) as failed:
        outbound.post("http://127.0.0.1:9/", body=b"", headers={})

    assert failed.value.trouble is Trouble.UNREACHABLE


def test_a_certificate_is_checked_and_with_a_good_one_tls_is_spoken(
    servers: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, own = tmp_path / "key.pem", tmp_path / "own.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject, "-keyout", key, "-out", own]
    subprocess.run(command, check=True, capture_output=True)
    with receiver(certificate=(own, key)) as found:
        with pytest.raises(Failed) as failed:
            outbound.post(found.url, body=b"", headers={})
        trusting = ssl.create_default_context(cafile=str(own))
        monkeypatch.setattr(outbound, "_trust", lambda: trusting)
        answer = outbound.post(found.url, body=b"secret", headers={})

    assert failed.value.trouble is Trouble.UNTRUSTED
    assert answer.status == 204
    assert [call.body for call in found.calls] == [b"secret"]


@pytest.mark.usefixtures("servers")
def test_without_the_setting_for_tests_our_own_machine_is_as_closed_as_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from dataclasses import replace

    from config.settings import settings

    outside = replace(settings(), loopback_webhooks=False)
    monkeypatch.setattr(outbound, "settings", lambda: outside)

    for address in ("http://127.0.0.1:8000/", "https://127.0.0.1/", "http://8.8.8.8/"):
        with pytest.raises(Failed) as refused:
            outbound.check(address)
        assert refused.value.trouble is Trouble.REFUSED


def test_in_production_the_setting_for_tests_is_refused(servers: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from config.settings import SettingsRefused, settings

    monkeypatch.setenv("KONTOR_EMBEDDED", "0")
    monkeypatch.setenv("SMTP_URL", "smtp://mail.example")
    monkeypatch.setenv("PUBLIC_URL", "https://crm.example")

    with pytest.raises(SettingsRefused, match="KONTOR_LOOPBACK_WEBHOOKS"):
        settings.__wrapped__()
