"""Every byte on the wire is on somebody's account, whatever the other side does."""

from __future__ import annotations

import io
import os
import random
import socket
import struct
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from app.core.entities import EntityRef
from tests.app.live.conftest import cookie
from tests.billing import serving
from tests.billing.ledgers import NOBODY, Ledger, traffic
from tests.billing.wire import Wire, wire
from tests.firms import Firm
from tests.records import add_contact, add_many

MEBIBYTE = 1 << 20

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def port(firms: tuple[Firm, Firm], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    port = serving.free_port()
    with serving.served(port, log=tmp_path_factory.mktemp("web") / "web.log"):
        yield port


@pytest.fixture
def web(port: int, app: Flask) -> Iterator[Wire]:
    with wire(port) as between:
        yield between


@pytest.fixture
def ledger(app: Flask) -> Ledger:
    return Ledger(app)


def ask(line: str, *headers: str, body: bytes = b"", close: bool = True) -> bytes:
    end = ("Connection: close",) if close else ()
    return "\r\n".join([f"{line} HTTP/1.1", "Host: 127.0.0.1", *headers, *end, "", ""]).encode() + body


def talk(between: Wire, *messages: bytes, pause: float = 0.0) -> bytes:
    """Say these things on one connection, listen to the end."""
    with between.connect() as client:
        for message in messages:
            client.sendall(message)
            time.sleep(pause)
        heard = b""
        while data := client.recv(1 << 16):
            heard += data
    return heard


def big_file(firm: Firm, size: int) -> str:
    """The address of a file that no compression makes smaller."""
    from app.attachments import actions as attachments

    about = EntityRef("contact", add_contact(firm))
    with firm.work():
        content = io.BytesIO(b"%PDF-1.4\n" + random.Random(1).randbytes(size))
        attachment_id = attachments.attach(about, content, name="plan.pdf")
    return f"{firm.url}/files/{attachment_id}"


def reset(client: socket.socket) -> None:
    """Go without a word, as a phone in a tunnel does when it comes out again."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def test_what_somebody_reads_is_on_the_account_of_the_firm(web: Wire, ledger: Ledger, acme: Firm, globex: Firm) -> None:
    add_many(acme, "contact", [{"family_name": f"Müller {number}"} for number in range(60)])
    us, them = f"Cookie: {cookie(acme)}", f"Cookie: {cookie(globex)}"

    plain = talk(web, ask(f"GET {acme.url}/contacts", us))
    packed = talk(web, ask(f"GET {acme.url}/contacts", us, "Accept-Encoding: br"))
    theirs = talk(web, ask(f"GET {globex.url}/contacts", them))

    found = ledger.settled(web)
    assert plain.startswith(b"HTTP/1.1 200")
    assert len(packed) < len(plain) / 3
    assert found[acme.scope.tenant_id]["bytes_out"] == len(plain) + len(packed)
    assert found[acme.scope.tenant_id]["requests"] == 2
    assert found[globex.scope.tenant_id]["bytes_out"] == len(theirs)
    assert NOBODY not in found
    assert traffic(found) == web.carried


def test_what_belongs_to_nobody_is_counted_too(web: Wire, ledger: Ledger, acme: Firm) -> None:
    heard = [
        talk(web, ask("GET /healthz")),
        talk(web, ask(f"GET {acme.url}/contacts")),
        talk(web, b"\x16\x03\x01\x02\x00 this is not HTTP\r\n\r\n"),
        talk(web, ask("GET /" + "x" * 9000)),
    ]

    found = ledger.settled(web)
    assert [answer.split()[1] for answer in heard] == [b"200", b"303", b"400", b"414"]
    assert set(found) == {NOBODY}
    assert found[NOBODY]["bytes_out"] == sum(map(len, heard))
    assert traffic(found) == web.carried


def test_an_answer_nobody_waited_for_counts_as_far_as_it_came(web: Wire, ledger: Ledger, acme: Firm) -> None:
    address, us = big_file(acme, 20 * MEBIBYTE), f"Cookie: {cookie(acme)}"

    for _ in range(3):
        client = web.connect()
        client.sendall(ask(f"GET {address}", us))
        for _ in range(8):
            client.recv(1 << 17)
        reset(client)

    found = ledger.settled(web)
    assert traffic(found) == web.carried
    assert MEBIBYTE / 2 < found[acme.scope.tenant_id]["bytes_out"] < 50 * MEBIBYTE


def test_whoever_reads_slowly_gets_all_of_it_and_it_counts_once(web: Wire, ledger: Ledger, acme: Firm) -> None:
    address, us = big_file(acme, 14 * MEBIBYTE), f"Cookie: {cookie(acme)}"
    heard = 0

    with web.connect() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
        client.sendall(ask(f"GET {address}", us))
        # Longer than the server waits for the end of a connection: it is closed while the kernel still has some.
        time.sleep(2.5)
        while data := client.recv(1 << 16):
            heard += len(data)

    found = ledger.settled(web)
    assert heard > 14 * MEBIBYTE
    assert found[acme.scope.tenant_id]["bytes_out"] == heard
    assert traffic(found) == web.carried


def kinds_of_traffic(web: Wire, acme: Firm, globex: Firm) -> list[Callable[[], object]]:
    us, them = f"Cookie: {cookie(acme)}", f"Cookie: {cookie(globex)}"
    contacts, small = f"{acme.url}/contacts", big_file(acme, 200_000)
    chunked = b"".join(b"%x\r\n%s\r\n" % (1000, b"a" * 1000) for _ in range(40)) + b"0\r\n\r\n"
    form = ("Content-Type: application/x-www-form-urlencoded", "Transfer-Encoding: chunked")

    def in_pieces() -> None:
        talk(web, *(bytes([one]) for one in ask(f"GET {contacts}", us)))

    def expecting() -> None:
        head = ask(f"POST {contacts}/new", us, "Content-Length: 5000", "Expect: 100-continue", form[0])
        talk(web, head, b"b" * 5000, pause=0.1)

    def giving_up_an_upload() -> None:
        with web.connect() as client:
            client.sendall(ask(f"POST {contacts}/new", us, "Content-Length: 9000000", form[0], body=b"c" * 300_000))
            time.sleep(0.1)

    def leaving_at_once() -> None:
        client = web.connect()
        client.sendall(ask(f"GET {contacts}", us))
        reset(client)

    return [
        lambda: talk(web, *(ask(f"GET {contacts}", us, close=n == 4) for n in range(5)), pause=0.05),
        lambda: talk(web, b"".join(ask(f"GET {contacts}", us, close=n == 4) for n in range(5))),
        lambda: talk(web, ask(f"GET {contacts}", us, close=False) + ask(f"GET {globex.url}/contacts", them)),
        lambda: talk(web, ask(f"HEAD {contacts}", us)),
        lambda: talk(web, ask(f"GET {contacts}", us, "Accept-Encoding: gzip, br")),
        lambda: talk(web, ask(f"POST {contacts}/new", us, *form, body=chunked)),
        lambda: talk(web, ask(f"GET {small}", us, "Range: bytes=100-5000")),
        lambda: talk(web, ask(f"GET {small}", us)),
        lambda: talk(web, ask("GET /static/build/nothing.css")),
        lambda: talk(web, b"GARBAGE\r\n\r\n"),
        lambda: talk(web, ask("GET /healthz") + b"left over, never read" * 50),
        lambda: web.connect().close(),
        in_pieces,
        expecting,
        giving_up_an_upload,
        leaving_at_once,
    ]


def test_all_kinds_of_traffic_are_counted_to_the_byte(web: Wire, ledger: Ledger, acme: Firm, globex: Firm) -> None:
    add_many(acme, "contact", [{"family_name": f"Müller {number}"} for number in range(60)])
    kinds = kinds_of_traffic(web, acme, globex) * 3
    random.Random(os.getpid()).shuffle(kinds)

    with ThreadPoolExecutor(8) as people:
        for done in [people.submit(kind) for kind in kinds]:
            done.result()

    found = ledger.settled(web)
    assert traffic(found) == web.carried
    assert {acme.scope.tenant_id, globex.scope.tenant_id, NOBODY} == set(found)
