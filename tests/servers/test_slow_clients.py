"""Who is slow, on purpose or on a bad line, keeps nobody else waiting."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest
from flask import Flask

from app.core.entities import EntityRef
from tests.app.live.conftest import cookie
from tests.billing import serving
from tests.firms import Firm
from tests.records import add_contact
from tests.servers import clients
from tests.servers.clients import ask, connect, head, is_hung_up, many

SLOW = 40
LIMITS = {"HEAD_SECONDS": "3", "BODY_SECONDS": "4", "WEB_THREADS": "4", "WEB_CONNECTIONS_PER_ADDRESS": "60"}

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def port(firms: tuple[Firm, Firm], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    port = serving.free_port()
    with pytest.MonkeyPatch.context() as patched:
        for name, value in LIMITS.items():
            patched.setenv(name, value)
        with serving.served(port, log=tmp_path_factory.mktemp("web") / "web.log"):
            yield port


def big_file(firm: Firm, size: int) -> str:
    """The address of a file that no compression makes smaller."""
    from app.attachments import actions as attachments

    about = EntityRef("contact", add_contact(firm))
    with firm.work():
        content = io.BytesIO(b"%PDF-1.4\n" + random.Random(1).randbytes(size))
        attachment_id = attachments.attach(about, content, name="plan.pdf")
    return f"{firm.url}/files/{attachment_id}"


def answers_soon(port: int) -> None:
    """Twice the threads there are, one after the other: each has to be free."""
    began = time.monotonic()
    for _ in range(8):
        assert ask(port, head("GET /healthz", "Connection: close"), timeout=20).startswith(b"HTTP/1.1 200")
    assert time.monotonic() - began < 20


def slow(port: int, acme: Firm) -> dict[str, AbstractContextManager[list[clients.socket.socket]]]:
    us = f"Cookie: {cookie(acme)}"
    form = "Content-Type: application/x-www-form-urlencoded"
    return {
        "head": many(port, SLOW, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "),
        "silent": many(port, SLOW, b""),
        "body": many(port, SLOW, head("POST /login", form, "Content-Length: 5000") + b"email="),
        "long body": many(port, SLOW, head("POST /login", form, "Content-Length: 500000") + b"email=" + b"x" * 70_000),
        "chunks": many(port, SLOW, head("POST /login", form, "Transfer-Encoding: chunked") + b"6\r\nemail=\r\n"),
        "answer": many(port, SLOW, head(f"GET {big_file(acme, 3 << 20)}", us), takes=4096),
    }


@pytest.mark.parametrize("kind", ["head", "silent", "body", "long body", "chunks", "answer"])
def test_slow_clients_keep_nobody_else_waiting_and_have_to_go_in_the_end(
    port: int, app: Flask, acme: Firm, kind: str
) -> None:
    with slow(port, acme)[kind] as waiting:
        answers_soon(port)

        if kind != "answer":
            assert all(is_hung_up(client, within=60) for client in waiting)


def test_who_takes_their_answer_slowly_but_takes_it_gets_all_of_it(port: int, app: Flask, acme: Firm) -> None:
    address = big_file(acme, 300_000)

    with connect(port, takes=4096) as client:
        client.sendall(head(f"GET {address}", f"Cookie: {cookie(acme)}", "Connection: close"))
        received = 0
        while data := client.recv(1 << 14):
            received += len(data)
            time.sleep(0.05 if received < 100_000 else 0)

    assert received > 300_000


def test_several_requests_in_one_message_are_answered_in_turn(port: int) -> None:
    first, last = head("GET /healthz"), head("GET /healthz", "Connection: close")

    answer = ask(port, first * 20 + last)

    assert answer.count(b'"alive":true') == 21


def test_a_request_in_pieces_is_answered(port: int) -> None:
    with connect(port) as client:
        for piece in (b"GET /healthz HT", b"TP/1.1\r\nHost: 127.0.0.1\r", b"\nConnection: close\r\n\r", b"\n"):
            client.sendall(piece)
            time.sleep(0.05)

        assert clients.heard(client).startswith(b"HTTP/1.1 200")


def test_a_head_without_end_is_refused(port: int) -> None:
    endless = b"GET /healthz HTTP/1.1\r\n" + b"X-More: and more\r\n" * 5000

    assert ask(port, endless).startswith(b"HTTP/1.1 431")


def test_one_address_does_not_take_all_connections(port: int) -> None:
    """The ones that wait longest go, those that ask stay."""
    with many(port, 80, b"") as waiting:
        answers_soon(port)
        for client in waiting[:15]:
            assert is_hung_up(client, within=1)

        waiting[-1].sendall(head("GET /healthz", "Connection: close"))
        assert clients.heard(waiting[-1]).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("told", ["SCRIPT_NAME: /acme", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.example"])
def test_what_a_client_says_of_our_address_is_not_believed(port: int, told: str) -> None:
    """It comes from this machine, as all do whom a proxy here passes on."""
    plain, answer = (ask(port, head("GET /acme/contacts", *more, "Connection: close")) for more in ((), (told,)))

    assert answer.split()[1] == plain.split()[1] == b"303"
    assert b"\nLocation: /login?next=/acme/contacts\r" in answer
    assert b"Strict-Transport-Security" not in answer


def test_under_a_name_that_is_not_ours_nothing_is_answered(port: int) -> None:
    assert ask(port, head("GET /login", "Connection: close", host="evil.example")).startswith(b"HTTP/1.1 421")


def test_a_long_form_is_read_however_it_comes(port: int, app: Flask, acme: Firm) -> None:
    """Past what is gathered before a thread begins."""
    body = b"email=a@b.example&password=" + b"x" * 200_000
    form = "Content-Type: application/x-www-form-urlencoded"
    own = f"Cookie: {cookie(acme)}"
    length = head(f"POST {acme.url}/companies/new", form, own, f"Content-Length: {len(body)}", "Connection: close")

    with connect(port) as client:
        client.sendall(length + body[:100])
        time.sleep(0.2)
        client.sendall(body[100:90_000])
        time.sleep(0.2)
        client.sendall(body[90_000:])
        answer = clients.heard(client)

    assert answer.split()[1] in {b"400", b"403", b"422"}
