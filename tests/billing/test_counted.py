"""A socket that counts, alone: what is left with the kernel when it is closed."""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from config import counted
from config.counted import CountedSocket, CountingListener

RESET = struct.pack("ii", 1, 0)


class Accounts(dict[Any, tuple[int, int, int]]):
    def book(self, account: Any, *amounts: int) -> None:
        before = self.get(account, (0, 0, 0))
        self[account] = tuple(one + other for one, other in zip(before, amounts, strict=True))  # type: ignore[assignment]


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Accounts]:
    found = Accounts()
    monkeypatch.setattr(counted, "_book", found.book)
    yield found
    assert counted._leaving == []


def connected() -> tuple[CountedSocket, socket.socket]:
    """(ours, the client's), with a client that takes little at a time."""
    with CountingListener(socket.create_server(("127.0.0.1", 0))) as listener:
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20_000)
        client.connect(listener.getsockname())
        ours, _ = listener.accept()
    return ours, client


def filled(ours: CountedSocket) -> int:
    """Until the kernel takes no more."""
    ours.setblocking(False)
    given = 0
    try:
        while True:
            given += ours.send(b"x" * 100_000)
    except BlockingIOError:
        return given


def test_what_the_kernel_still_has_when_we_close_counts_when_it_has_left(accounts: Accounts) -> None:
    ours, client = connected()
    ours.account = "acme"
    given = filled(ours)

    ours.close()
    counted.see_off()
    before = accounts["acme"][1]
    heard = 0
    while data := client.recv(1 << 16):
        heard += len(data)
    client.close()
    counted.see_off()

    assert before < given
    assert accounts == {"acme": (0, given, 0)}
    assert heard == given


def test_what_the_kernel_still_has_when_the_client_is_gone_never_counts(accounts: Accounts) -> None:
    ours, client = connected()
    ours.account = "acme"
    given = filled(ours)

    ours.close()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    client.close()
    time.sleep(0.05)
    counted.see_off()

    assert 0 < accounts["acme"][1] < given


def test_who_never_takes_the_rest_is_not_waited_for_for_ever(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counted, "_LONGEST_LEAVING", 0.0)
    ours, client = connected()
    given = filled(ours)

    ours.close()
    counted.see_off()

    assert 0 < accounts[counted.NOBODY][1] < given
    client.close()


def test_each_request_on_a_connection_has_an_account_of_its_own(accounts: Accounts) -> None:
    ours, client = connected()

    for account, question, answer in (("acme", b"12345", b"123"), ("globex", b"1", b"1234567")):
        client.sendall(question)
        ours.recv(100)
        with counted.request_on(ours):
            counted.charge(account)
            ours.sendall(answer)
        client.recv(100)
    client.sendall(b"and")
    ours.recv(100)
    with counted.request_on(ours):
        pass
    client.sendall(b"unread")
    select.select([ours], [], [], 5)
    ours.close()
    client.close()

    assert accounts["acme"] == (5, 3, 1)
    assert accounts["globex"] == (1, 7, 1)
    assert accounts[counted.NOBODY] == (9, 0, 1)


def test_a_body_under_way_is_booked_in_steps_on_the_account_of_whoever_sends_it(accounts: Accounts) -> None:
    ours, client = connected()
    step, head = 1 << 20, 100
    sender = threading.Thread(target=client.sendall, args=(b"x" * (head + 3 * step),))

    sender.start()
    ours.recv(head)
    with counted.request_on(ours):
        counted.charge("acme")
        came = head
        while came < 2 * step + head:
            came += len(ours.recv(50_000))
        booked, so_far = accounts.get("acme", (0, 0, 0))[0], came
        while came < 3 * step + head:
            came += len(ours.recv(50_000))
    sender.join()
    ours.close()
    client.close()

    # Whoever is killed now loses no more than a step.
    assert so_far - step <= booked <= so_far
    assert accounts == {"acme": (3 * step + head, 0, 1)}


def test_a_body_that_is_read_before_its_sender_is_known_is_on_no_wrong_account(accounts: Accounts) -> None:
    ours, client = connected()
    size = 3 << 20
    sender = threading.Thread(target=client.sendall, args=(b"x" * size,))

    sender.start()
    with counted.request_on(ours):
        came = 0
        while came < size:
            came += len(ours.recv(50_000))
        counted.charge("acme")
    sender.join()
    ours.close()
    client.close()

    assert accounts == {"acme": (size, 0, 1)}


def test_where_the_kernel_tells_nothing_what_was_given_to_it_counts(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, other = socket.socketpair()
    ours = CountedSocket(ours)

    with counted.request_on(ours):
        counted.charge("acme")
        ours.sendall(b"12345")
    ours.close()
    other.close()

    assert accounts == {"acme": (0, 5, 1)}


def test_nobody_who_answers_no_request_charges_anybody(accounts: Accounts) -> None:
    counted.charge("acme")
    counted.book_so_far()
    with counted.request_on(None):
        counted.charge("acme")

    assert accounts == {}
