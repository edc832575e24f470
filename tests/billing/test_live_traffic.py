"""The live updates' streams are on the account of the firm, while they last."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.app.live.conftest import cookie, heard
from tests.billing import serving
from tests.billing.ledgers import NOBODY, Ledger, traffic
from tests.billing.wire import Wire, wire
from tests.firms import Firm
from tests.records import add_contact

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def live(app: Flask, firms: tuple[Firm, Firm], tmp_path: Path) -> Iterator[Wire]:
    port = serving.free_port()
    with serving.served(port, log=tmp_path / "live.log", by=serving.LIVE), wire(port) as between:
        yield between


def listen(live: Wire, firm: Firm, record: object) -> socket.socket:
    """The open connection, on which something was said already."""
    client = live.connect()
    asked = f"/live/{firm.scope.slug}?record={heard(firm, str(record))}"
    request = f"GET {asked} HTTP/1.1\r\nHost: x\r\nCookie: {cookie(firm)}\r\n\r\n"
    client.sendall(request.encode())
    said = b""
    while b"retry: 3000" not in said:
        said += client.recv(1 << 16)
    return client


def test_a_stream_is_on_the_account_of_its_firm_long_before_it_ends(live: Wire, acme: Firm, globex: Firm) -> None:
    ledger = Ledger(acme.app)
    contact, other = add_contact(acme), add_contact(globex)

    with listen(live, acme, contact), listen(live, globex, other), listen(live, acme, other):
        during = ledger.accounts()
    with live.connect() as stranger:
        stranger.sendall(b"GET /live/acme?record=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        while stranger.recv(1 << 16):
            pass

    found = ledger.settled(live, requests=4)
    assert {acme.scope.tenant_id, globex.scope.tenant_id} == set(during)
    assert during[acme.scope.tenant_id]["bytes_in"] > 200
    assert during[acme.scope.tenant_id]["bytes_out"] > 300
    assert "requests" not in during[acme.scope.tenant_id]
    assert found[acme.scope.tenant_id]["requests"] == 2
    assert found[NOBODY]["requests"] == 1
    assert traffic(found) == live.carried
